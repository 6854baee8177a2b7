//! Texts that grow in one way each, for measuring and for testing that the parser's time is linear in their length.
//!
//! Invariant: the length of each text is linear in `n`.

/// A way to grow: a name, and the declarations of size `n`.
pub(crate) type Shape = (&'static str, fn(usize) -> String);

/// All of them: what is long, what is deep, and what is wrong in many places.
pub(crate) const SHAPES: &[Shape] = &[
    // Long.
    ("definitions", |n| {
        lines(n, |i| format!("D{i}(x, y) == x + {i} \\in S /\\ y' = [x EXCEPT ![{i}] = @]\n"))
    }),
    ("variables", |n| format!("VARIABLES {}z", lines(n, |i| format!("v{i}, ")))),
    ("aligned conjunction", |n| format!("A ==\n{}", "  /\\ x = 1\n".repeat(n))),
    ("inline conjunction", |n| format!("A == {}TRUE", "x /\\ ".repeat(n))),
    ("sum", |n| format!("A == {}1", "x + ".repeat(n))),
    ("product", |n| format!("A == {}S", "S \\X ".repeat(n))),
    ("set", |n| format!("A == {{{}1}}", "x, ".repeat(n))),
    ("symbols as arguments", |n| format!("A == F({}+)", "+, ".repeat(n))),
    ("symbols as definitions", |n| format!("USE DEF {}+", "+, ".repeat(n))),
    ("record", |n| format!("A == [{}z |-> 1]", lines(n, |i| format!("f{i} |-> {i}, ")))),
    ("updates", |n| format!("A == [f EXCEPT {}!.z = 1]", lines(n, |i| format!("![{i}] = @ + 1, ")))),
    ("indices", |n| format!("A == f{}", "[1]".repeat(n.min(400)))),
    ("bounds", |n| format!("A == \\A {}z \\in S : z", lines(n, |i| format!("x{i} \\in S, ")))),
    ("arms", |n| format!("A == CASE x -> 1{}", " [] y -> 2".repeat(n))),
    ("LET definitions", |n| format!("A == LET {} IN 1", lines(n, |i| format!("d{i}(x) == x\n         ")))),
    ("comments", |n| format!("A == 1 {}", "(* a *) \\* b\n".repeat(n))),
    ("line comments", |n| format!("A == 1\n{}", "  \\* é b\n".repeat(n))),
    ("one long comment", |n| format!("A == 1 \\*{}\n(*{}*)", "é b ".repeat(n), "é b ".repeat(n))),
    ("one long name", |n| format!("A == {} + {}", "a_1".repeat(n), "_1".repeat(n))),
    ("one long number", |n| format!("A == {}", "12".repeat(n))),
    ("one long string", |n| format!("A == \"{}\"", "é b \\n".repeat(n))),
    ("one long line", |n| format!("{}\nA == 1\n{}", "--".repeat(n), "--".repeat(n))),
    ("one long step", |n| {
        format!("THEOREM T == a\n<1{}>{}{}. QED", "1".repeat(n), "a_1".repeat(n), ".".repeat(n))
    }),
    ("underscores", |n| format!("A == {}", "1_".repeat(n))),
    ("dots", |n| format!("A == a{}", ".".repeat(n))),
    ("bars", |n| format!("A == a{}", "|-".repeat(n))),
    ("one long command", |n| format!("A == a \\{} b", "ab".repeat(n))),
    ("blank lines", |n| format!("A == 1 {}", "\n   ".repeat(n))),
    ("strings", |n| format!("A == {{{}\"\"}}", "\"a\\n\", ".repeat(n))),
    ("steps", |n| format!("THEOREM T == TRUE\n{}<1> QED", lines(n, |i| format!("<1>{i}. x BY y DEF z\n")))),
    // Deep.
    ("nested comments", |n| format!("A == 1 {}{}", "(*".repeat(n), "*)".repeat(n))),
    ("parentheses", |n| format!("A == {}1{}", "(".repeat(n), ")".repeat(n))),
    ("sets in sets", |n| format!("A == {}1{}", "{".repeat(n), "}".repeat(n))),
    ("functions in functions", |n| format!("A == {}1{}", "[x \\in S |-> ".repeat(n), "]".repeat(n))),
    ("arguments in arguments", |n| format!("A == {}1{}", "F(".repeat(n), ")".repeat(n))),
    ("lists in lists", |n| format!("A == {}x", "/\\ \\/ ".repeat(n))),
    ("implications", |n| format!("A == {}b{}", "a => (".repeat(n), ")".repeat(n))),
    ("IFs", |n| format!("A == {}1", "IF a THEN b ELSE ".repeat(n))),
    ("IFs in conditions", |n| format!("A == {}a{}", "IF ".repeat(n), " THEN b ELSE c".repeat(n))),
    ("CASEs", |n| format!("A == {}1", "CASE a -> ".repeat(n))),
    ("LETs", |n| format!("A == {}1", "LET a == 1 IN ".repeat(n))),
    ("LETs in definitions", |n| format!("A == {}1{}", "LET a == ".repeat(n), " IN a".repeat(n))),
    ("quantifiers", |n| format!("A == {}1", "\\A x \\in S : ".repeat(n))),
    ("negations", |n| format!("A == {}1", "~".repeat(n))),
    ("primes", |n| format!("A == x{}", "'".repeat(n))),
    ("fields", |n| format!("A == x{}", ".f".repeat(n))),
    ("paths", |n| format!("A == x{}", "!y".repeat(n))),
    // Wrong.
    ("open parentheses", |n| format!("A == {}", "(".repeat(n))),
    ("open squares", |n| format!("A == {}", "[".repeat(n))),
    ("open squares behind operands", |n| format!("A == {}", "f[".repeat(n))),
    ("open braces", |n| format!("A == {}", "{".repeat(n))),
    ("open angles", |n| format!("A == {}", "<<".repeat(n))),
    ("open mixed", |n| format!("A == {}", "([{<<F(".repeat(n))),
    ("closed parentheses", |n| format!("A == 1{}", ")".repeat(n))),
    ("wrong brackets", |n| format!("A == {}1{}", "(".repeat(n), "]".repeat(n))),
    ("open and stray brackets", |n| format!("A == {}", "(1] ".repeat(n))),
    ("open comments", |n| format!("A == 1 {}", "(* ".repeat(n))),
    ("open strings", |n| format!("A == 1 {}", "\"a\n".repeat(n))),
    ("open LETs", |n| format!("A == {}1", "LET x == ".repeat(n))),
    ("open IFs", |n| format!("A == {}1", "IF x ".repeat(n))),
    ("THEN without IF", |n| format!("A == {}1", "x THEN ".repeat(n))),
    ("open IFs, then THENs", |n| format!("A == {}{}", "IF IF a THEN b ELSE ".repeat(n), "THEN x ".repeat(n))),
    ("boxes among IFs", |n| format!("A == {}{}", "IF ".repeat(n), "a [] ".repeat(n))),
    ("colons", |n| format!("A == {}1", "x : ".repeat(n))),
    ("words", |n| format!("A == {}", "x ".repeat(n))),
    ("operators", |n| format!("A == {}", "+ ".repeat(n))),
    ("conflicts", |n| format!("A == a{}", " = b".repeat(n))),
    ("conflicts in a list", |n| format!("A ==\n{}", "  /\\ a = b = c\n".repeat(n))),
    ("mistakes in a list", |n| format!("A ==\n{}", "  /\\ a b\n".repeat(n))),
    ("mistakes in a set", |n| format!("A == {{{}c}}", "a b, ".repeat(n))),
    ("mistakes in a line", |n| format!("A == {}c", "a b /\\ ".repeat(n))),
    ("mistakes in parentheses", |n| format!("A == {}a b{}", "(".repeat(n), " c d)".repeat(n))),
    ("mistakes in LETs", |n| format!("A == LET {} IN 1", "d(x y) == a b\n         ".repeat(n))),
    ("mistakes in definitions", |n| lines(n, |i| format!("D{i} == a b\n"))),
    ("unclosed in a list", |n| format!("A ==\n{}", "  /\\ F(a, {b\n".repeat(n))),
    ("strange characters", |n| format!("A == {}1", "é ; ".repeat(n))),
    ("equals signs", |n| format!("A {}", "== ".repeat(n))),
    ("heads", |n| "x == ".repeat(n)),
    ("dashes", |n| "---- ".repeat(n)),
    ("ends", |n| "==== ".repeat(n)),
    ("inner modules", |n| format!("{}{}", "---- MODULE N ----\n".repeat(n), "====\n".repeat(n))),
    ("steps without end", |n| format!("THEOREM T == TRUE\n{}", "<1>1. x\n".repeat(n))),
    ("deeper steps", |n| format!("THEOREM T == TRUE\n{}", lines(n, |i| format!("<{i}>1. x\n")))),
    ("cited steps", |n| format!("THEOREM T == TRUE\n<1> QED BY {}x", "<1>1, + ".repeat(n))),
    ("USEs", |n| "USE DEF a\n".repeat(n)),
];

fn lines(n: usize, line: impl Fn(usize) -> String) -> String {
    (0..n).map(line).collect()
}

/// A module with these declarations.
pub(crate) fn module(declarations: &str) -> String {
    format!("---- MODULE M ----\n{declarations}\n====\n")
}
