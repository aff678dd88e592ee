"""The rows of the table, by what they are about; ``of the API`` means a type's or an operation's page in the API reference."""
