"""What the tests share: fakes and readers, no tests."""
