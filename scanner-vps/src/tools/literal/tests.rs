//! What is data, and what may be handed on.

use super::*;

fn compared(text: &str) -> bool {
    let from = text.find("PAYLOAD").unwrap();
    let python = !text.contains(['{', '`', ';']) || text.contains("f(f");
    let program = Program::of(text.into(), python);
    program.place(&(from..from + 7), false) == Place::Compared
}

#[test]
fn what_is_only_compared_is_data() {
    for text in [
        "re.compile(r\"PAYLOAD\")",
        "assert RULES['x'].search('PAYLOAD | sh')",
        "if \"PAYLOAD\" in line:\n  pass",
        "expect(clean('PAYLOAD')).toBe('');",
        "const R = /x/; it('a', () => { assert.equal(f(\"PAYLOAD\"), 1) })",
        "BAD = [\n  'a',\n  'PAYLOAD',\n]\nfor b in BAD:\n  print(b in text)\n",
        "BAD = 'PAYLOAD'\nif BAD in text:\n  print(1)\n",
        "const B = ['PAYLOAD']; B.some(b => text.includes(b));",
        "const B = ['PAYLOAD'];\nfor (const b of B) { if (text.includes(b)) hits += 1; }",
        "BAD = [\n  ('PAYLOAD', True),\n]\nfor line, bad in BAD:\n  assert detect(line) == bad\n",
        "BAD = ['PAYLOAD']\n@pytest.mark.parametrize('line', BAD)\ndef test_it(line):\n  assert is_bad(line)\n",
        "@pytest.mark.parametrize('line, bad', [\n  ('PAYLOAD', True),\n])\ndef test_it(line, bad):\n  assert is_bad(line) is bad\n",
        "const B = [['PAYLOAD', true]];\nfor (const [text, bad] of B) {\n  expect(scan(text)).toBe(bad);\n}",
        "it.each(['PAYLOAD'])('finds %s', (text) => {\n  expect(scan(text)).toBe(true);\n});",
        "const B = ['PAYLOAD'];\nB.forEach((text) => {\n  assert.equal(scan(text), 1);\n});",
    ] {
        assert!(compared(text), "{text}");
    }
}

#[test]
fn what_may_be_handed_on_is_not() {
    for text in [
        "os.system('PAYLOAD')",
        "print('PAYLOAD')",
        "assert os.system('PAYLOAD') == 0",
        "re.compile(os.popen('PAYLOAD').read())",
        "fs.appendFileSync(p, 'PAYLOAD')",
        "    return 'PAYLOAD'",
        "tool({ description: 'PAYLOAD' })",
        "x = PAYLOAD",
        "f(f'{PAYLOAD}')",
        "c = re.sub('^$', 'PAYLOAD', '')",
        "q.has('PAYLOAD')",
        "{'x': 'PAYLOAD'}",
        "BAD = ['PAYLOAD']\n",
        "BAD = ['PAYLOAD']\nfor b in BAD:\n  print(b)\n",
        "BAD = ['PAYLOAD']\nfor b in BAD:\n  f(f'{b}')\n",
        "BAD = ['PAYLOAD']\nx in BAD\nf(BAD)\n",
        "BAD = ['PAYLOAD']\ndef tool():\n  return BAD\n",
        "const CMDS = ['PAYLOAD']; CMDS.forEach(cp.execSync);",
        "r = re.compile('PAYLOAD')\nos.system(r.pattern)",
        "BAD = [\n  ('PAYLOAD', True),\n]\nfor line, bad in BAD:\n  start(line)\n",
        "BAD = [\n  ('PAYLOAD', True),\n]\nfor line, bad in BAD:\n  assert run(line) == bad\n",
        "BAD = [\n  ('PAYLOAD', True),\n]\nfor line, bad in BAD:\n  assert bad\n  note(line)\n",
        "@pytest.mark.parametrize('line', ['PAYLOAD'])\ndef test_it(line):\n  start(line)\n",
        "[start(line) for line in ['PAYLOAD']]\nassert line\n",
        "it.each(['PAYLOAD'])('does %s', (text) => {\n  start(text);\n});",
        "const B = ['PAYLOAD'];\nB.forEach((text) => {\n  start(text);\n});",
    ] {
        assert!(!compared(text), "{text}");
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
