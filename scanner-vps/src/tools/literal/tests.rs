//! What is data, and what may be handed on.

use super::*;

const PY: bool = true;
const JS: bool = false;

fn compared(python: bool, text: &str) -> bool {
    let from = text.find("PAYLOAD").unwrap();
    let program = Program::of(text.into(), python);
    program.place(&(from..from + 7), false) == Place::Compared
}

#[test]
fn what_is_only_compared_is_data() {
    for (python, text) in [
        (PY, "re.compile(r\"PAYLOAD\")"),
        (PY, "assert f(a, b) == g(c, 'PAYLOAD')"),
        (PY, "self.assertEqual(f(x, y), 'PAYLOAD')"),
        (PY, "self.assertIn('PAYLOAD', x)"),
        (PY, "assert RULES['x'].search('PAYLOAD | sh')"),
        (PY, "if \"PAYLOAD\" in line:\n  pass"),
        (JS, "expect(clean('PAYLOAD')).toBe('');"),
        (JS, "const R = /x/; it('a', () => { assert.equal(f(\"PAYLOAD\"), 1) })"),
        (PY, "BAD = [\n  'a',\n  'PAYLOAD',\n]\nfor b in BAD:\n  print(b in text)\n"),
        (PY, "BAD = 'PAYLOAD'\nif BAD in text:\n  print(1)\n"),
        (JS, "const B = ['PAYLOAD']; B.some(b => text.includes(b));"),
        (JS, "const B = ['PAYLOAD'];\nfor (const b of B) { if (text.includes(b)) hits += 1; }"),
        (
            PY,
            "BAD = [\n  ('PAYLOAD', True),\n]\nfor line, bad in BAD:\n  assert detect(line) == bad\n",
        ),
        (
            PY,
            "BAD = ['PAYLOAD']\n@pytest.mark.parametrize('line', BAD)\ndef test_it(line):\n  assert is_bad(line)\n",
        ),
        (PY, "BAD = ['PAYLOAD']\ndef test_it(wrap):\n  assert is_bad(wrap.format(BAD[0])) > 2\n"),
        (
            PY,
            "@pytest.mark.parametrize('line, bad', [\n  ('PAYLOAD', True),\n])\ndef test_it(line, bad):\n  assert is_bad(line) is bad\n",
        ),
        (
            JS,
            "const B = [['PAYLOAD', true]];\nfor (const [text, bad] of B) {\n  expect(scan(text)).toBe(bad);\n}",
        ),
        (JS, "it.each(['PAYLOAD'])('finds %s', (text) => {\n  expect(scan(text)).toBe(true);\n});"),
        (JS, "const B = ['PAYLOAD'];\nB.forEach((text) => {\n  assert.equal(scan(text), 1);\n});"),
        (
            JS,
            "import { expect, it } from 'vitest';\nit('a', () => {\n  expect(clean('PAYLOAD')).toBe('');\n});",
        ),
        (JS, "import assert from 'node:assert/strict';\nassert.equal(f('PAYLOAD'), 1);"),
        (JS, "const assert = require('assert');\nassert.equal(f('PAYLOAD'), 1);"),
        (JS, "const { expect } = require('chai');\nexpect(f('PAYLOAD')).to.equal(1);"),
        (PY, "import re\nimport os, re, sys\nR = 1\nif re.search('PAYLOAD', line):\n  pass"),
        (
            PY,
            "import pytest\n@pytest.mark.parametrize('line', ['PAYLOAD'])\ndef test_it(line):\n  assert is_bad(line)\n",
        ),
        (
            JS,
            "test.each(['PAYLOAD'])('finds %s', async (text) => {\n  expect(scan(text)).toBe(true);\n});",
        ),
    ] {
        assert!(compared(python, text), "{text}");
    }
}

#[test]
fn what_may_be_handed_on_is_not() {
    for (python, text) in [
        (PY, "os.system('PAYLOAD')"),
        (PY, "print('PAYLOAD')"),
        (PY, "assert os.system('PAYLOAD') == 0"),
        (PY, "re.compile(os.popen('PAYLOAD').read())"),
        (JS, "fs.appendFileSync(p, 'PAYLOAD')"),
        (PY, "    return 'PAYLOAD'"),
        (JS, "tool({ description: 'PAYLOAD' })"),
        (PY, "x = PAYLOAD"),
        (PY, "f(f'{PAYLOAD}')"),
        (PY, "c = re.sub('^$', 'PAYLOAD', '')"),
        (JS, "q.has('PAYLOAD')"),
        (PY, "{'x': 'PAYLOAD'}"),
        (PY, "BAD = ['PAYLOAD']\n"),
        (PY, "BAD = ['PAYLOAD']\nfor b in BAD:\n  print(b)\n"),
        (PY, "BAD = ['PAYLOAD']\nfor b in BAD:\n  f(f'{b}')\n"),
        (PY, "BAD = ['PAYLOAD']\nx in BAD\nf(BAD)\n"),
        (PY, "BAD = ['PAYLOAD']\ndef tool():\n  return BAD\n"),
        (JS, "const CMDS = ['PAYLOAD']; CMDS.forEach(cp.execSync);"),
        (PY, "r = re.compile('PAYLOAD')\nos.system(r.pattern)"),
        (PY, "BAD = [\n  ('PAYLOAD', True),\n]\nfor line, bad in BAD:\n  start(line)\n"),
        (
            PY,
            "BAD = [\n  ('PAYLOAD', True),\n]\nfor line, bad in BAD:\n  assert run(line) == bad\n",
        ),
        (
            PY,
            "BAD = [\n  ('PAYLOAD', True),\n]\nfor line, bad in BAD:\n  assert bad\n  note(line)\n",
        ),
        (PY, "@pytest.mark.parametrize('line', ['PAYLOAD'])\ndef test_it(line):\n  start(line)\n"),
        (PY, "[start(line) for line in ['PAYLOAD']]\nassert line\n"),
        (PY, "BAD = ['PAYLOAD']\ndef test_it():\n  assert run(BAD[0]) == 0\n"),
        (JS, "it.each(['PAYLOAD'])('does %s', (text) => {\n  start(text);\n});"),
        (JS, "const B = ['PAYLOAD'];\nB.forEach((text) => {\n  start(text);\n});"),
        (PY, "def assert_it(x):\n  show(x)\nassert_it('PAYLOAD')"),
        (JS, "function expect(x) { show(x); }\nexpect('PAYLOAD');"),
        (JS, "const expect = show;\nexpect('PAYLOAD');"),
        (JS, "import { expect } from './own.js';\nexpect('PAYLOAD');"),
        (JS, "import { show as expect } from 'vitest';\nexpect('PAYLOAD');"),
        (JS, "const { show: ok } = require('assert');\nok('PAYLOAD');"),
        (JS, "let ok;\n[ok] = [show];\nok('PAYLOAD');"),
        (JS, "class A { includes(x) { show(x); } }\nnew A().includes('PAYLOAD');"),
        (JS, "String.prototype.includes = show;\ny.includes('PAYLOAD');"),
        (PY, "class A:\n  def startswith(self, x):\n    show(x)\nA().startswith('PAYLOAD')"),
        (PY, "re = tools\nre.search('PAYLOAD', x)"),
        (PY, "assert x, 'PAYLOAD'"),
        (PY, "assert f(x), ('PAYLOAD')"),
        (PY, "self.assertTrue(x, 'PAYLOAD')"),
        (PY, "self.assertEqual(f(x), y, 'PAYLOAD')"),
        (JS, "assert.fail('PAYLOAD');"),
        (JS, "assert.ok(x, 'PAYLOAD');"),
        (JS, "expect(x, 'PAYLOAD').toBe(1);"),
        (PY, "B = ['PAYLOAD']\nfor b in B:\n  assert x, b\n"),
        (JS, "const B = ['PAYLOAD'];\nB.forEach((b) => {\n  assert.ok(x, b);\n});"),
        (PY, "store.search('PAYLOAD', x)"),
        (PY, "from tools import re\nre.search('PAYLOAD', x)"),
        (
            PY,
            "pytest = tools\n@pytest.mark.parametrize('line', ['PAYLOAD'])\ndef test_it(line):\n  assert is_bad(line)\n",
        ),
        (PY, "show.parametrize('line', ['PAYLOAD'])\ndef test_it(line):\n  assert is_bad(line)\n"),
        (
            PY,
            "print(pytest.mark.parametrize('line', ['PAYLOAD']))\ndef test_it(line):\n  assert is_bad(line)\n",
        ),
        (
            PY,
            "B = ['PAYLOAD']\nshow.parametrize('line', B)\ndef test_it(line):\n  assert is_bad(line)\n",
        ),
        (
            PY,
            "@pytest.mark.parametrize('line', ['PAYLOAD'])\ndef test_it(line):\n  assert is_bad(line)\nshow(r.pattern)\n",
        ),
        (JS, "own.each(['PAYLOAD'])('a', (text) => {\n  expect(scan(text)).toBe(true);\n});"),
        (JS, "print(it.each(['PAYLOAD'])('a', (text) => {\n  expect(scan(text)).toBe(true);\n}));"),
        (
            JS,
            "it.each(['PAYLOAD'])('a', function (t) {\n  show(t);\n});\nfoo((text) => {\n  expect(scan(text)).toBe(true);\n});",
        ),
        (JS, "expect((show)('PAYLOAD'));"),
        (JS, "expect(x[0]('PAYLOAD'));"),
        (PY, "assert exec('PAYLOAD')"),
        (
            JS,
            "const B = ['PAYLOAD'];\nfor (const cmd of B) {\n  if (cmd === a) b();\n  exec(cmd, (err, out) => {\n  });\n}",
        ),
        (JS, "const B = ['PAYLOAD'];\nfor (const cmd of B) start(cmd) in {};\nif (cmd === a) b();"),
        (
            PY,
            "B = ['PAYLOAD']\ny = [x for cmd in B for x in [start(cmd)] if x in ()]\nif cmd == a:\n  pass\n",
        ),
        (PY, "B = ['PAYLOAD']\nfor cmd in B:\n  show_for (cmd) in ()\n  cmd == a\n"),
        (PY, "start('PAYLOAD' 'in the end')"),
        (PY, "start('== ' 'PAYLOAD')"),
        (PY, "start(f'{x} ==' 'PAYLOAD')"),
    ] {
        assert!(!compared(python, text), "{text}");
    }
}

#[test]
fn a_row_whose_outcome_is_asserted_is_data() {
    for (python, text) in [
        (
            PY,
            "import pytest\nB = [('a', 'PAYLOAD')]\n@pytest.mark.parametrize('kind,text', B)\ndef test_it(kind, text):\n  result = guard(text)\n  assert not result.ok\n  assert result.kind == kind\n",
        ),
        (PY, "B = ['PAYLOAD']\nfor text in B:\n  found = scan(clean(text))\n  assert found\n"),
        (
            JS,
            "it.each(['PAYLOAD'])('finds %s', (text) => {\n  const found = scan(text);\n  expect(found.bad).toBe(true);\n});",
        ),
        (
            JS,
            "it.each(['PAYLOAD'])('finds %s', async (text) => {\n  const found = await scan(text);\n  expect(found).toBe(true);\n});",
        ),
        (
            JS,
            "const B = ['PAYLOAD'];\nfor (const text of B) {\n  const found = scan(text);\n  assert.equal(found, 1);\n}",
        ),
        (JS, "test('a', () => assert.equal(clean('a<!-- PAYLOAD -->b'), 'ab'));"),
    ] {
        assert!(compared(python, text), "{text}");
    }
    for (python, text) in [
        (PY, "B = ['PAYLOAD']\nfor text in B:\n  result = run(text)\n  assert result\n"),
        (PY, "B = ['PAYLOAD']\nfor text in B:\n  result = os.popen(text)\n  assert result\n"),
        (PY, "B = ['PAYLOAD']\nfor text in B:\n  result = guard(text)\n"),
        (PY, "B = ['PAYLOAD']\nfor text in B:\n  r = guard(text)\n  assert r\n  go(r)\n"),
        (PY, "B = ['PAYLOAD']\nfor text in B:\n  r = guard(text)\n  assert r\n  r.start()\n"),
        (PY, "B = ['PAYLOAD']\nfor text in B:\n  r = text\n  assert r\n"),
        (PY, "B = ['PAYLOAD']\nfor text in B:\n  r = guard(text) or run(text)\n  assert r\n"),
        (PY, "B = ['PAYLOAD']\nfor text in B:\n  r = {'a': go(text)}\n  assert r\n"),
        (
            JS,
            "it.each(['PAYLOAD'])('a', (text) => {\n  const r = execSync(text);\n  expect(r).toBe(1);\n});",
        ),
        (
            JS,
            "it.each(['PAYLOAD'])('a', (text) => {\n  const r = scan(text);\n  expect(r).toBe(1);\n  show(r);\n});",
        ),
    ] {
        assert!(!compared(python, text), "{text}");
    }
}

#[test]
fn where_a_literal_may_end_elsewhere_nothing_is_known() {
    for (python, text) in [
        (false, "x = {} / \"/\"; eval(y) //\""),
        (false, "x = a + /\"/.source; eval(y) //\""),
        (false, "`${`a`}`"),
        (false, "<!-- \"\neval(y)"),
        (true, "# a\rimport os"),
        (true, "f\"{x[\"a\"]}\""),
        (true, "x = 'a"),
    ] {
        assert_eq!(Program::of(text.into(), python).code(), None, "{text}");
    }
}

#[test]
fn a_row_of_many_names_is_looked_at_in_bounded_time() {
    use std::fmt::Write as _;
    let began = std::time::Instant::now();
    let mut text = String::new();
    for _ in 0..2_000 {
        text.push_str("it.each([['PAYLOAD']])('a',\n");
    }
    text.push('(');
    for name in 0..300_000 {
        write!(text, "{}{name}", if name % 500 == 0 { ",\n" } else { "," }).unwrap();
    }
    text.push_str(") => {\n});\n");
    let program = Program::of(text.as_str().into(), JS);
    for (at, _) in text.match_indices("PAYLOAD") {
        assert_eq!(program.place(&(at..at + 7), false), Place::Code);
    }
    let mut many = String::from("BAD = ['PAYLOAD']\nfor b in BAD:\n  print(b in text)\n");
    many.push_str(&"x = b in y\n".repeat(100_000));
    assert!(!compared(PY, &many));
    let names = (0..17).map(|name| format!("n{name}")).collect::<Vec<_>>();
    let row = |names: &[String]| {
        let list = names.join(", ");
        format!("BAD = ['PAYLOAD']\nfor {list} in BAD:\n  assert is_bad(n0)\n")
    };
    assert!(compared(PY, &row(&names[..16])));
    assert!(!compared(PY, &row(&names)));
    assert!(began.elapsed() < std::time::Duration::from_secs(10), "{:?}", began.elapsed());
}
