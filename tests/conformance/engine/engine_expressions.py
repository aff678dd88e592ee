"""Expressions in JSONata that both engines evaluate: every function with every type of argument, and what the language has."""

from __future__ import annotations

import itertools
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

INPUT: Mapping[str, Any] = MappingProxyType(
    {
        "nil": None,
        "one": {"v": [{"x": 7}]},
        "list": [3, 1, 2],
        "nulls": [None, 1, None],
        "rows": [
            {"id": 1, "name": "b", "price": 2, "tags": ["x", "y"]},
            {"id": 2, "name": "a", "price": 2, "tags": []},
            {"id": 3, "name": "c", "price": 1.5, "tags": ["x"]},
            {"id": 4, "name": None, "price": 2},
        ],
        "nested": [[1, 2], [3, [4]]],
        "deep": {"a": {"b": [{"c": 1}, {"c": [2, 3]}]}},
        "Strange Key": {"a.b": 1},
        "text": "Hello, World",
        "zero": 0,
        "empty": "",
        "no": False,
        "object": {"b": 1, "a": {"c": None}},
        "big": 12345678901234567890,
        "float": 1e21,
    }
)
"""What ``$states.input`` is."""
VARIABLES: Mapping[str, Any] = MappingProxyType({"v": [1, 2, 3], "n": None, "o": {"k": "v"}})
"""The variables of the workflow."""

ARGUMENTS = (
    "$nothing",
    "null",
    "true",
    "0",
    "-2",
    "2.5",
    "1e20",
    '""',
    '"b"',
    '"2026-01-02"',
    "[]",
    "[1]",
    '["b"]',
    "[3, 1, 2, 1, true]",
    "[[1], [2]]",
    "{}",
    '{"b": 1, "a": [2]}',
    "[{'a': 1}, {'a': 2, 'b': 3}]",
    "$states.input.one.v.x",
    "$states.input.list[$ > 9]",
    "$states.input.list[$ > 2]",
    "$states.input.nulls",
    "function($x) { $x }",
    "/b/",
)
"""Each type of argument; undefined, and sequences without, and with one, item."""

ONE = (
    *("sum", "count", "max", "min", "average", "string", "lowercase", "uppercase", "length", "trim", "number", "floor"),
    *("ceil", "round", "abs", "sqrt", "boolean", "not", "keys", "exists", "spread", "merge", "reverse", "type", "sort"),
    *("distinct", "base64encode", "base64decode", "encodeUrlComponent", "encodeUrl", "decodeUrlComponent", "decodeUrl"),
    *("toMillis", "fromMillis", "clone", "zip", "single", "join", "formatBase", "error", "assert", "eval"),
)
"""Functions that are called with one argument."""
TWO: Mapping[str, str] = MappingProxyType(
    {
        "string": "true",
        "substring": "1",
        "substringBefore": '"b"',
        "substringAfter": '"b"',
        "pad": "-5",
        "match": "/b/",
        "contains": '"b"',
        "split": '"b"',
        "join": '"-"',
        "formatNumber": '"#,##0.00"',
        "formatBase": "2",
        "formatInteger": '"w"',
        "parseInteger": '"0"',
        "round": "1",
        "power": "2",
        "map": "function($x) { $x }",
        "filter": "function($x) { $x }",
        "single": "function($x) { $x = 1 }",
        "reduce": "function($a, $b) { $a }",
        "sift": "function($x) { $x }",
        "lookup": '"a"',
        "append": "1",
        "each": "function($v, $k) { $k }",
        "assert": '"why"',
        "sort": "function($l, $r) { $l > $r }",
        "toMillis": '"[Y0001]-[M01]-[D01]"',
        "fromMillis": '"[Y0001]-[M01]-[D01]"',
        "zip": "[1, 2]",
    }
)
"""Functions that are called with two, with a good second argument."""
FIRST: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(
            ("substring", "substringBefore", "substringAfter", "pad", "match", "contains", "split"), '"abc"'
        ),
        **dict.fromkeys(("map", "filter", "single", "reduce", "sort", "append", "zip"), "[3, 1, 2]"),
        **dict.fromkeys(("formatNumber", "formatBase", "formatInteger", "round", "power"), "12"),
        **dict.fromkeys(("sift", "lookup", "each"), '{"a": 1, "b": 2}'),
        "string": '{"a": [1]}',
        "join": '["a", "b"]',
        "parseInteger": '"12"',
        "assert": "false",
        "toMillis": '"2026-01-02"',
        "fromMillis": "1767312000000",
    }
)
"""Good first arguments of the same, for all kinds of second ones."""
OPERATORS = ("+", "-", "*", "/", "%", "=", "!=", "<", "<=", ">", ">=", "in", "and", "or", "&", "..")
OPERANDS = (
    *("$nothing", "null", "true", "0", "-3", "2.5", '""', '"b"', "[]", "[1]", '["b", 1]', "{}", "function() { 1 }"),
)


def functions() -> Iterator[str]:
    """Each function with each type of argument, at each place."""
    for name, argument in itertools.product(ONE, ARGUMENTS):
        yield f"${name}({argument})"
    for name, second in TWO.items():
        for argument in ARGUMENTS:
            yield f"${name}({argument}, {second})"
            yield f"${name}({FIRST[name]}, {argument})"
    for argument in ARGUMENTS:
        yield f'$replace("abcb", {argument}, "x")'
        yield f'$replace("abcb", "b", {argument})'
        yield f'$replace({argument}, "b", "x")'
        yield f'$replace("abcb", "b", "x", {argument})'
        yield f'$replace("abcb", /b/, "x", {argument})'
        yield f'$substring("abcdef", 1, {argument})'
        yield f'$pad("a", 5, {argument})'
        yield f'$split("abcb", "b", {argument})'
        yield f'$split("abcb", /b/, {argument})'
        yield f'$match("abcb", /b/, {argument})'
        yield f"$reduce([1, 2], function($a, $b) {{ $a }}, {argument})"
        yield f'$formatNumber(1234.5, "#,##0.0", {argument})'
        yield f'$toMillis("02/01/2026", {argument})'
        yield f'$fromMillis(0, "[H]:[m]", {argument})'
    for name in ("now", "millis", "random"):
        yield f"$type(${name}())"


def operators() -> Iterator[str]:
    """Each operator with each type of operand, at each side."""
    for left, operator, right in itertools.product(OPERANDS, OPERATORS, OPERANDS):
        yield f"[{left}..{right}]" if operator == ".." else f"{left} {operator} {right}"


LANGUAGE = (
    # numbers
    *(
        "5.5 % 2",
        "-5 % 3",
        "5 % -3",
        "5 % 0",
        "1 / 0",
        "0 / 0",
        "-1 / 0",
        "0.1 + 0.2",
        "1e20",
        "1e21",
        "1e-7",
        "-0",
        "0 * -1",
    ),
    *(
        "$string(1e20)",
        "$string(1e21)",
        "$string(0.1 + 0.2)",
        "$string(1e-7)",
        "$string(1/3)",
        "$string(123456789012345678)",
    ),
    *(
        "$string(-0)",
        "$string(100)",
        "$string(1.0)",
        "$string(5e-324)",
        "$string([1e20, 0.1])",
        "1e20 & ''",
        "1e21 & ''",
    ),
    *("$string({'a': 1e-7})", "$string(0.000001)", "$string(1.5e300)", "2.50", "1e3", "$string(3.14159265358979)"),
    *(
        "$number('0x1F')",
        "$number('1e3')",
        "$number(' 1')",
        "$number('1.')",
        "$number('.5')",
        "$number('-1')",
        "$number('1_0')",
    ),
    *(
        "$number('0b11')",
        "$number('0o17')",
        "$number('Infinity')",
        "$number('+1')",
        "$number('01')",
        "$number('1e400')",
    ),
    *(
        "$round(0.5)",
        "$round(1.5)",
        "$round(2.5)",
        "$round(-0.5)",
        "$round(-1.5)",
        "$round(125, -1)",
        "$round(135, -1)",
    ),
    *(
        "$round(4.525, 2)",
        "$round(1.005, 2)",
        "$round(12345, -2)",
        "$round(1e20)",
        "$floor(-1.5)",
        "$ceil(-1.5)",
        "$abs(-0)",
    ),
    *("$sqrt(2)", "$sqrt(4)", "$power(2, 0.5)", "$power(-8, 1/3)", "$power(2, 1024)", "$power(0, -1)", "$power(2, -1)"),
    *("$sum([0.1, 0.2])", "$average([1, 2])", "$average([1, 2, 3])", "$max([])", "$min([1, 'a'])", "$sum([1, 'a'])"),
    *(
        "$formatNumber(0.14, '01%')",
        "$formatNumber(12345.6, '#,###.00')",
        "$formatNumber(-6, '000')",
        "$formatNumber(1e10, '#')",
    ),
    *(
        "$formatNumber(1234.5678, '00.000e0')",
        "$formatNumber(0, '#.#')",
        "$formatNumber(0.5, '0')",
        "$formatNumber(1.5, '0')",
    ),
    *(
        "$formatNumber(34.555, '#0.00;(#0.00)')",
        "$formatNumber(-34.555, '#0.00;(#0.00)')",
        "$formatNumber(14, '#,##,##0')",
    ),
    *("$formatNumber(1, 'x')", "$formatNumber(1, '0.0.0')", "$formatNumber(1, '')", "$formatNumber(0.007, '#.##‰')"),
    *(
        "$formatBase(255, 16)",
        "$formatBase(255, 1)",
        "$formatBase(255, 37)",
        "$formatBase(-7, 2)",
        "$formatBase(2.5, 2)",
    ),
    *(
        "$formatBase(3.5)",
        "$formatBase(100.5, 10)",
        "$formatInteger(2789, 'w')",
        "$formatInteger(1999, 'I')",
        "$formatInteger(28, 'a')",
    ),
    *(
        "$formatInteger(123456, '#,##0')",
        "$formatInteger(1, '1;o')",
        "$formatInteger(12, 'Ww')",
        "$formatInteger(-5, '0')",
    ),
    *(
        "$formatInteger(22, 'w;o')",
        "$formatInteger(5, 'x')",
        "$parseInteger('twelve thousand', 'w')",
        "$parseInteger('MCM', 'I')",
    ),
    *(
        "$parseInteger('1,234', '#,##0')",
        "$parseInteger('xyz', '0')",
        "$formatInteger(0, 'I')",
        "$formatInteger(4, 'i')",
    ),
    # times
    *("$toMillis('2026-01-02')", "$toMillis('2026-01')", "$toMillis('2026')", "$toMillis('2026-01-02T03:04')"),
    *(
        "$toMillis('2026-01-02T03:04:05Z')",
        "$toMillis('2026-01-02T03:04:05.678Z')",
        "$toMillis('2026-01-02T03:04:05+02:00')",
    ),
    *(
        "$toMillis('2026-01-02T03:04:05.6')",
        "$toMillis('2026-01-02 03:04:05')",
        "$toMillis('2026-13-02')",
        "$toMillis('1')",
    ),
    *("$toMillis('2026-01-02T03:04:05.123456Z')", "$toMillis('2026-01-02T03:04:05+0200')", "$toMillis('2026-02-30')"),
    *("$toMillis('Jan 2 2026')", "$toMillis('2026-01-02T03')", "$toMillis('0001-01-01')", "$toMillis('2026-001')"),
    *(
        "$toMillis('1/2/2026', '[M]/[D]/[Y]')",
        "$toMillis('2026', '[Y]')",
        "$toMillis('x', '[Y]')",
        "$toMillis('', '[Y]')",
    ),
    *("$toMillis('12 pm', '[h] [P]')", "$toMillis('Friday 2 January 2026', '[F] [D] [MNn] [Y]')"),
    *("$fromMillis(0)", "$fromMillis(1767312000123)", "$fromMillis(0.5)", "$fromMillis(-1)", "$fromMillis(1e15)"),
    *("$fromMillis(0, '[Y]-[M01]-[D01]T[H01]:[m01]:[s01][Z]')", "$fromMillis(0, '[FNn], [D1o] [MNn] [Y]')"),
    *(
        "$fromMillis(0, '[H01]:[m01]', '+0530')",
        "$fromMillis(0, '[h#1]:[m01][P]')",
        "$fromMillis(0, '[Z01:01]', '-0800')",
    ),
    *(
        "$fromMillis(0, '[W] [d] [w] [x]')",
        "$fromMillis(0, '[q]')",
        "$fromMillis(0, '[YI]')",
        "$fromMillis(0, 'at [[x]] [Y]')",
    ),
    *(
        "$fromMillis(0, '[s].[f001]')",
        "$fromMillis(0, '[MNn,3-3] [F0]')",
        "$fromMillis(0, '[Y')",
        "$fromMillis(0, undefined, '+01:00')",
    ),
    # texts
    *(
        "$uppercase('straße')",
        "$lowercase('STRASSE ß İ')",
        "$length('😀')",
        "$substring('a😀b', 1, 1)",
        "$reverse($split('a😀', ''))",
    ),
    *(
        "$substring('hello', -3)",
        "$substring('hello', -3, 2)",
        "$substring('hello', 9)",
        "$substring('hello', 1.7)",
        "$substring('hello', -9, 3)",
    ),
    *(
        "$pad('foo', -5, '#*')",
        "$pad('foo', 7, '#*')",
        "$pad('foo', 2)",
        "$trim('  a \\n b\\u00a0 ')",
        "$split('a, b,c', /,\\s*/)",
    ),
    *(
        "$split('a1b22c', /(\\d)/)",
        "$split('abc', '', 2)",
        "$split('', ',')",
        "$split(',', ',')",
        "$split('a b', ' ', 1.5)",
    ),
    *("$split('a.b', '.')", "$split('abc', /z/)", "$split('aXbxc', /x/i)", "$split('a', 'a')"),
    *(
        "$match('ababb', /a(b+)/)",
        "$match('abc', /z/)",
        "$match('ab', /(a)(z)?/)",
        "$match('aAa', /a/i, 2)",
        "$match('abc', /b/).match",
    ),
    *(
        "$replace('john smith', /(\\w+)\\s(\\w+)/, '$2, $1')",
        "$replace('abc', /b/, '$0$0')",
        "$replace('abc', /b/, '$$')",
    ),
    *(
        "$replace('abc', /(b)/, '$12')",
        "$replace('265USD', /([0-9]+)USD/, '$$$1')",
        "$replace('aaa', /a/, 'b', 2)",
        "$replace('aaa', 'a', 'b', 1)",
    ),
    *(
        "$replace('abc', /b/, function($m) { $uppercase($m.match) })",
        "$replace('abab', /(a)b/, function($m) { $m.groups[0] })",
    ),
    *(
        "$replace('abc', /b*/, 'x')",
        "$replace('abc', /b/, function($m) { 1 })",
        "$replace('abc', '', 'x')",
        "$replace('a.c', '.', 'x')",
    ),
    *(
        "$replace('aaa', /a/, 'aa', 2)",
        "$replace('a\\\\b', 'a', '\\\\1')",
        "$replace('abc', /b/, '\\\\d')",
        "$replace('abc', 'b', '$0')",
    ),
    *(
        "$contains('abc', /B/)",
        "$contains('abc', /B/i)",
        "$contains('a\\nb', /^b/m)",
        "$contains('', '')",
        "$match('a.b', /\\./).index",
    ),
    *(
        "$join(['a', 'b'], ', ')",
        "$join([])",
        "$join('a')",
        "$join(['a', 1])",
        "$join($states.input.rows[name].name, '/')",
    ),
    *(
        "$base64encode('ä')",
        "$base64decode('5Lg=')",
        "$base64decode('YQ')",
        "$base64decode('!!')",
        "$base64encode('')",
        "$base64encode('€')",
    ),
    *(
        "$encodeUrlComponent('?x=ä&y /')",
        "$encodeUrl('https://a/ä?x=[1]#b')",
        "$decodeUrlComponent('%3Fx')",
        "$decodeUrl('%E0%A4%A')",
    ),
    *("$encodeUrlComponent('^`{}|\"<>')", "$encodeUrl('^`{}|\"<>')", "$decodeUrl('a+b%20c')"),
    *(
        "$decodeUrl('%')",
        "$decodeUrlComponent('%zz')",
        "$decodeUrl('%c3%a4%2Fb%3f%41')",
        "$decodeUrlComponent('%C3%A4%2Fb')",
    ),
    *(
        "$string('a')",
        "$string([1, 'a', null, true, {'b': []}])",
        "$string({'a': 1}, true)",
        "$string([], true)",
        "$string({}, true)",
    ),
    *(
        "$string('ä\\u2028\\n')",
        "$string(['ä\\n\"'])",
        "$string($sum)",
        "$string([$sum])",
        "$string({'f': $sum, 'g': 1})",
        "$string(null)",
    ),
    *(
        "'a' & 1 & true & null & [1] & {}",
        "'a' & $nothing",
        "'a' & 0.1",
        "'a' & 1e21",
        '"\\u00e4\\t\\""',
        "'it\\'s'",
        "'\\q'",
    ),
    # sequences
    *(
        "$states.input.rows.id",
        "$states.input.rows.name",
        "$states.input.rows.tags",
        "$states.input.rows[0].tags",
        "$states.input.rows[-1].id",
    ),
    *(
        "$states.input.rows[price = 2].id",
        "$states.input.rows[9]",
        "$states.input.rows[id = 2]",
        "$states.input.rows[id = 2][]",
    ),
    *(
        "$states.input.rows[[0, 2]].id",
        "$states.input.rows[[1..2]].id",
        "$states.input.rows[0.9].id",
        "$states.input.rows[-1.5].id",
    ),
    *(
        "$states.input.rows.tags[0]",
        "($states.input.rows.tags)[0]",
        "$states.input.rows[id > 3].tags",
        "$states.input.rows.(id & name)",
    ),
    *(
        "$states.input.nil",
        "$states.input.nulls",
        "$states.input.nulls[0]",
        "$states.input.rows[3].name",
        "$states.input.object.a.c",
    ),
    *(
        "$exists($states.input.nil)",
        "$exists($states.input.none)",
        "$states.input.nil = null",
        "$states.input.none = null",
    ),
    *(
        "$type($states.input.nil)",
        "$states.input.nil.x",
        "$n",
        "$n = null",
        "$v",
        "$v[1]",
        "$o.k",
        "$undefined_one",
        "$exists($n)",
    ),
    *(
        "$states.input.nested",
        "$states.input.nested[0]",
        "$states.input.nested.$",
        "$states.input.nested.*",
        "$states.input.deep.a.b.c",
    ),
    *(
        "$states.input.deep.**.c",
        "$states.input.**.c",
        "$states.input.deep.*",
        "$states.input.`Strange Key`.`a.b`",
        "$states.input.'text'",
    ),
    *(
        "$states.input.deep.a.b[0].c[]",
        "$states.input.text[]",
        "$states.input.none[]",
        "$states.input.list[]",
        "[$states.input.none]",
    ),
    *(
        "$states.input.list^($)",
        "$states.input.list^(>$)",
        "$states.input.rows^(price, >name).id",
        "$states.input.rows^(price).id",
    ),
    *(
        "$states.input.rows^(>price).id",
        "$states.input.rows^(name).id",
        "$states.input.rows^(none).id",
        "$states.input.rows[0..1]",
    ),
    *(
        "$states.input.rows{$string(price): id}",
        "$states.input.rows{name: $sum(price)}",
        "$states.input.rows{'a': $count(id)}",
    ),
    *(
        "$states.input.rows{id: 1}",
        "{'a': $states.input.none, 'b': null}",
        "{$nothing: 1}",
        "{1: 1}",
        "{'a': 1, 'a': 2}",
        "{'a': []}",
    ),
    *(
        "[1..5]",
        "[1..1]",
        "[5..1]",
        "[-2..2]",
        "[1..2, 5]",
        "[1, [2], [[3]]]",
        "[1.5..3]",
        "['a'..'b']",
        "[1..10000001]",
        "[0..3][$ % 2 = 0]",
    ),
    *(
        "$count([1..3])",
        "$sum([1..3])",
        "[1..3].($ * 2)",
        "$map([1..3], function($x) { $x })",
        "$reverse([1..3])",
        "$string([1..3])",
        "[1..3][-1]",
    ),
    *(
        "$sort([{'a': 2, 'b': 1}, {'a': 1, 'b': 2}, {'a': 2, 'b': 3}], function($l, $r) { $l.a > $r.a })",
        "$sort([3, 1, 2])",
    ),
    *(
        "$sort($states.input.rows, function($l, $r) { $l.price >= $r.price }).id",
        "$sort($states.input.rows, function($l, $r) { $l.price < $r.price }).id",
    ),
    *(
        "$sort($states.input.rows, function($l, $r) { $l.price > $r.price }).id",
        "$sort(['b', 'B', 'a', 'ä'])",
        "$sort([1, 'a'])",
    ),
    *(
        "$sort([1, 2, 3], function($l, $r) { true })",
        "$sort([1, 2, 3], function($l, $r) { false })",
        "$sort([2, 1], function($l, $r) { 1 })",
    ),
    *(
        "$sort([2, 1, 10])",
        "$sort([true, false])",
        "$sort('a')",
        "$sort([[2], [1]])",
        "$distinct([1, true, '1', 1.0, [1], [1], {'a': 1}, {'a': 1}])",
    ),
    *(
        "$distinct([null, null])",
        "$distinct([0, false])",
        "1 = true",
        "[1] = [true]",
        "1 in [true]",
        "true in [1]",
        "'1' = 1",
        "{} = {}",
        "[] = []",
    ),
    *(
        "{'a': 1, 'b': 2} = {'b': 2, 'a': 1}",
        "[1, 2] = [2, 1]",
        "null = null",
        "1 = 1.0",
        "0 = false",
        "null in [null]",
        "[1] in [[1]]",
        "{} in [{}]",
    ),
    *(
        "$append([1], [2])",
        "$append(1, 2)",
        "$append($nothing, 1)",
        "$append(1, $nothing)",
        "$append([], [])",
        "$append([[1]], 2)",
    ),
    *(
        "$zip([1, 2], ['a'])",
        "$zip([1], [2], [3])",
        "$zip(1, 2)",
        "$shuffle([1])",
        "$shuffle([])",
        "$merge([{'a': 1}, {'a': 2}])",
        "$merge({'a': 1})",
    ),
    *(
        "$keys([{'a': 1}, {'b': 1, 'a': 2}])",
        "$keys({})",
        "$lookup([{'a': 1}, {'a': 2}], 'a')",
        "$lookup({'a': null}, 'a')",
        "$spread({'a': 1, 'b': 2})",
    ),
    *(
        "$spread([{'a': 1}, {'b': 2}])",
        "$each({'a': 1, 'b': 2}, function($v, $k) { $k & $v })",
        "$sift({'a': 1, 'b': 2}, function($v) { $v > 1 })",
    ),
    *(
        "$sift({'a': 1}, function($v) { $v > 1 })",
        "$filter([1, 2], function($x) { $x > 5 })",
        "$filter([1, 2], function($x) { $x > 1 })",
    ),
    *(
        "$filter([1, 2, 3], function($v, $i, $a) { $i = 1 })",
        "$map([1], function($x) { $x })",
        "$map([], function($x) { $x })",
        "$map(5, function($x) { $x })",
    ),
    *(
        "$map([1, 2], function($v, $i, $a) { $i + $count($a) })",
        "$map([1, 2], function($x) { $nothing })",
        "$map([1, 2], $string)",
        "$map([1, 2], function($x) { [$x] })",
    ),
    *(
        "$map(['1', '2'], $number)",
        "$map([null, 1], function($x) { $x })",
        "$map([1, 2], function($x) { null })",
        "$reduce([1, 2, 3], function($a, $b) { $a + $b })",
    ),
    *(
        "$reduce([], function($a, $b) { $a })",
        "$reduce([1], function($a, $b) { $a + $b }, 5)",
        "$reduce([1, 2], function($a) { $a })",
        "$reduce([], function($a, $b) { $a }, 3)",
    ),
    *(
        "$reduce([1, 2, 3], function($a, $b, $i, $l) { $a + $i + $count($l) })",
        "$single([1, 2], function($x) { $x = 2 })",
        "$single([1, 1], function($x) { $x = 1 })",
    ),
    *(
        "$single([1], function($x) { $x = 2 })",
        "$single([5])",
        "$exists(null)",
        "$exists($nothing)",
        "$boolean([0])",
        "$boolean([0, 1])",
        "$boolean([[]])",
    ),
    *(
        "$boolean({})",
        "$boolean('0')",
        "$boolean([null])",
        "$boolean(function() { 1 })",
        "$boolean(' ')",
        "$not($nothing)",
        "$not(null)",
        "$not([])",
    ),
    # the rest of the language
    *(
        "true ? 1 : 2",
        "false ? 1",
        "'' ? 1 : 2",
        "[] ? 1 : 2",
        "$nothing ? 1 : 2",
        "$nothing ?? 1",
        "null ?: 2",
        "1 ?: 2",
        "null ?? 1",
    ),
    *(
        "($x := 1; $x + 1)",
        "($x := 1; ($x := 2); $x)",
        "()",
        "(1; 2)",
        "($f := function($x) { $x * 2 }; $f(3))",
        "$v ~> $sum",
        "'a' ~> $uppercase ~> $length",
    ),
    *(
        "($f := $uppercase ~> $trim; $f(' a '))",
        "($f := $substring(?, 0, 2); $f('hello'))",
        "(function($x) { $x })()",
        "function($x) { $x }(1)",
    ),
    *(
        "($fact := function($n) { $n <= 1 ? 1 : $n * $fact($n - 1) }; $fact(10))",
        "($l := function($n) { $n = 0 ? 0 : $l($n - 1) }; $l(500))",
        "λ($x) { $x }(2)",
    ),
    *(
        "$states.input.object ~> |$|{'z': 1}|",
        "$states.input.object ~> |a|{'z': 1}, ['c']|",
        "$states.input.object ~> |$|{}, 'b'|",
        "$states.input.rows ~> |$|{'n': id}|",
    ),
    *(
        "$states.input.rows@$r.$r.id",
        "$states.input.rows#$i.$i",
        "$states.input.rows#$i[$i = 1].id",
        "$states.input.deep.a.b.%.b",
        "$states.input.rows@$r.tags@$t.($r.id & $t)",
    ),
    *(
        "/* comment */ 1",
        "1 /* c */ + 2",
        "-1",
        "- 'a'",
        "-$nothing",
        "not true",
        "1 and 'a'",
        "0 or []",
        "$nothing and true",
        "and",
        "or",
        "in",
    ),
    *(
        "1 +",
        "(",
        "]",
        "'a",
        "/a",
        "$states.input.",
        "a b",
        "1 2",
        "@",
        "#",
        "{'a'}",
        "[1,]",
        "function($x)",
        "1 ~> 2",
        "$f()",
        "$states()",
        "foo(1)",
    ),
    *(
        "$uppercase('a', 'b')",
        "$uppercase()",
        "$length(1)",
        "$sum()",
        "$error('no')",
        "$error()",
        "$assert(true)",
        "$assert(false, 'x')",
        "$eval('1')",
        "$type(/a/)",
    ),
    *(
        "$states.input[text = 'Hello, World'].zero",
        "$states.input.text.length",
        "$states.input.list[0] + $states.input.list[1]",
        "$states.context.Execution.Id",
        "$",
        "$$",
    ),
    *(
        "$now('[Y]') = $fromMillis($millis(), '[Y]')",
        "$clone({'a': 1})",
        "$type($clone)",
        "$type($nothing)",
        "$states.input.big",
        "$states.input.float",
        "$states.input.big & ''",
    ),
    *(
        "1 < 2 < 3",
        "1 = 1 = true",
        "1 + 2 * 3 - 4 / 2",
        "'a' < 'b'",
        "'a' < 'B'",
        "'é' > 'z'",
        "'😀' > '\\uffff'",
        "1 < 'a'",
        "null < 1",
        "true < false",
        "[] < 1",
    ),
    *(
        "$states.input.rows.price.$string()",
        "$states.input.text.$uppercase()",
        "$states.input.rows.($.id)",
        "$states.input.list.{'v': $}",
        "[$states.input.list].{'v': $}",
    ),
    *(
        "$states.input.list[$ in [1, 2]]",
        "$states.input.list ~> $filter(function($x) { $x > 1 })",
        "$formatBase(3)",
        "*",
        "**",
        "%",
        "$states.input.zero[0]",
        "$states.input.list[true]",
    ),
    *(
        "$states.input.list[false]",
        "$states.input.list['a']",
        "$states.input.list[null]",
        "$states.input.list[[]]",
        "$states.input.list[{}]",
        "$states.input.list[-9]",
    ),
)
"""What else the language has."""


def all_expressions() -> list[str]:
    """All of them, once."""
    return list(dict.fromkeys([*functions(), *operators(), *LANGUAGE]))
