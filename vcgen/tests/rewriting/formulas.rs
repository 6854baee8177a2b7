//! Random formulas about a few variables, as text.

/// A small generator of numbers; the same seed gives the same numbers.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % bound
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[usize::try_from(self.below(of.len() as u64)).expect("a small number")]
    }
}

/// What a subject is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Int,
    Set,
    Fun,
    Seq,
    One,
    Many,
}

/// Writes formulas; what it wrote before it likes to write again, so that premises and conclusions meet.
pub(crate) struct Writer {
    random: Random,
    pool: Vec<(Kind, String)>,
    bound: Vec<String>,
    /// Bound records of [`Kind::Many`].
    records: Vec<String>,
    count: usize,
}

impl Writer {
    pub(crate) fn new(seed: u64) -> Self {
        Self { random: Random::new(seed), pool: Vec::new(), bound: Vec::new(), records: Vec::new(), count: 0 }
    }

    fn again(&mut self, kind: Kind, write: impl FnOnce(&mut Self) -> String) -> String {
        let own: Vec<&String> =
            self.pool.iter().filter(|(of, _)| *of == kind).map(|(_, text)| text).collect();
        if self.bound.is_empty() && self.records.is_empty() && own.len() > 1 && self.random.below(2) == 0 {
            let at = self.random.below(own.len() as u64);
            return own[usize::try_from(at).expect("a small number")].clone();
        }
        let text = write(self);
        if self.bound.is_empty() && self.records.is_empty() {
            self.pool.push((kind, text.clone()));
        }
        text
    }

    fn fresh(&mut self) -> String {
        self.count += 1;
        format!("b{}", self.count)
    }

    /// Something written while a name is bound.
    fn with<T>(&mut self, name: &str, write: impl FnOnce(&mut Self) -> T) -> T {
        self.bound.push(name.to_owned());
        let result = write(self);
        self.bound.pop();
        result
    }

    pub(crate) fn int(&mut self, depth: u32) -> String {
        if depth == 0 || self.random.below(4) == 0 {
            if let Some(name) = self.bound.last().filter(|_| self.count % 3 != 0).cloned()
                && self.random.below(2) == 0
            {
                return name;
            }
            return self.random.pick(&["x", "y", "x", "y", "0", "1", "2", "3", "(-1)", "r.a"]).to_owned();
        }
        let depth = depth - 1;
        self.again(Kind::Int, |this| match this.random.below(20) {
            0..4 => format!("({} + {})", this.int(depth), this.int(depth)),
            4..7 => format!("({} - {})", this.int(depth), this.int(depth)),
            7 => format!("({} * {})", this.random.pick(&["2", "3", "(-1)", "(-2)"]), this.int(depth)),
            8 => format!("(-{})", this.int(depth)),
            9 => {
                let (op, by) =
                    (this.random.pick(&["\\div", "%"]), this.random.pick(&["2", "3", "(-1)", "0"]));
                format!("({} {op} {by})", this.int(depth))
            }
            10 => format!("({} ^ {})", this.int(depth), this.random.pick(&["0", "1", "2"])),
            11 | 12 => format!("{}[{}]", this.function(depth), this.int(depth)),
            13 => format!("{}[{}]", this.sequence(depth), this.int(depth)),
            14 => format!("Len({})", this.random.pick(&["s", "f", "g", "s"])),
            15 => format!("Len({})", this.sequence(depth)),
            16 => format!("Cardinality({})", this.set(depth)),
            17 => format!("(IF {} THEN {} ELSE {})", this.formula(depth), this.int(depth), this.int(depth)),
            18 => {
                let (name, set) = (this.fresh(), this.set(depth));
                let body = this.with(&name, |this| this.formula(depth));
                format!("(CHOOSE {name} \\in {set} : {body})")
            }
            _ => this.field(depth),
        })
    }

    fn field(&mut self, depth: u32) -> String {
        if self.random.below(2) == 0 {
            format!("{}.a", self.one(depth))
        } else {
            format!("{}.{}", self.many(depth), self.random.pick(&["k", "k", "v"]))
        }
    }

    pub(crate) fn set(&mut self, depth: u32) -> String {
        if depth == 0 || self.random.below(4) == 0 {
            return self
                .random
                .pick(&["S", "T", "{}", "{x}", "{x, y}", "(1..x)", "(0..2)", "(1..Len(s))", "(DOMAIN f)"])
                .to_owned();
        }
        let depth = depth - 1;
        self.again(Kind::Set, |this| match this.random.below(14) {
            0 => format!("({} \\cup {})", this.set(depth), this.set(depth)),
            1 => format!("({} \\cap {})", this.set(depth), this.set(depth)),
            2 => format!("({} \\ {})", this.set(depth), this.set(depth)),
            3 => format!("{{{}, {}}}", this.int(depth), this.int(depth)),
            4 => format!("({} \\cup {{{}}})", this.set(depth), this.int(depth)),
            5 => format!("({} \\ {{{}, {}}})", this.set(depth), this.int(depth), this.int(depth)),
            6 => format!("({}..{})", this.int(depth), this.int(depth)),
            7 => format!("(1..({} + 1))", this.random.pick(&["x", "y", "Len(s)", "Cardinality(S)"])),
            8 | 9 => {
                let (name, set) = (this.fresh(), this.set(depth));
                let body = this.with(&name, |this| this.formula(depth));
                format!("{{{name} \\in {set} : {body}}}")
            }
            10 => {
                let (name, set) = (this.fresh(), this.set(depth));
                let image = this.with(&name, |this| this.int(depth));
                format!("{{{image} : {name} \\in {set}}}")
            }
            11 => format!("(DOMAIN {})", this.function(depth)),
            12 => format!("(DOMAIN {})", this.sequence(depth)),
            _ => format!("(IF {} THEN {} ELSE {})", this.formula(depth), this.set(depth), this.set(depth)),
        })
    }

    fn function(&mut self, depth: u32) -> String {
        if depth == 0 || self.random.below(3) == 0 {
            return self.random.pick(&["f", "g"]).to_owned();
        }
        let depth = depth - 1;
        self.again(Kind::Fun, |this| match this.random.below(5) {
            0 | 1 => {
                let (name, set) = (this.fresh(), this.set(depth));
                let body = this.with(&name, |this| this.int(depth));
                format!("[{name} \\in {set} |-> {body}]")
            }
            2 | 3 => {
                format!("[{} EXCEPT ![{}] = {}]", this.function(depth), this.int(depth), this.int(depth))
            }
            _ => format!(
                "(IF {} THEN {} ELSE {})",
                this.formula(depth),
                this.function(depth),
                this.function(depth)
            ),
        })
    }

    fn sequence(&mut self, depth: u32) -> String {
        if depth == 0 || self.random.below(3) == 0 {
            return self.random.pick(&["s", "s", "t", "<<x>>", "<<x, y>>", "<<1, x>>"]).to_owned();
        }
        let depth = depth - 1;
        self.again(Kind::Seq, |this| match this.random.below(8) {
            0 => format!("<<{}, {}, {}>>", this.int(depth), this.int(depth), this.int(depth)),
            1 => format!("Append({}, {})", this.sequence(depth), this.int(depth)),
            2 => format!("[{} EXCEPT ![{}] = {}]", this.sequence(depth), this.int(depth), this.int(depth)),
            3 => format!("({} \\o {})", this.sequence(depth), this.sequence(depth)),
            4 => format!("SubSeq({}, {}, {})", this.sequence(depth), this.int(depth), this.int(depth)),
            5 | 6 => {
                let (name, high) = (this.fresh(), this.int(depth));
                let body = this.with(&name, |this| this.int(depth));
                format!("[{name} \\in 1..{high} |-> {body}]")
            }
            _ => format!(
                "(IF {} THEN {} ELSE {})",
                this.formula(depth),
                this.sequence(depth),
                this.sequence(depth)
            ),
        })
    }

    /// A record of a sort with one shape.
    fn one(&mut self, depth: u32) -> String {
        if depth == 0 || self.random.below(3) == 0 {
            return "r".to_owned();
        }
        let depth = depth - 1;
        self.again(Kind::One, |this| match this.random.below(4) {
            0 => format!("[a |-> {}, on |-> {}]", this.int(depth), this.formula(depth)),
            1 => format!("[{} EXCEPT !.a = {}]", this.one(depth), this.int(depth)),
            2 => format!("[{} EXCEPT !.on = {}]", this.one(depth), this.formula(depth)),
            _ => format!("(IF {} THEN {} ELSE {})", this.formula(depth), this.one(depth), this.one(depth)),
        })
    }

    /// A record of a sort with two shapes.
    fn many(&mut self, depth: u32) -> String {
        if let Some(name) = self.records.last().cloned()
            && self.random.below(2) == 0
        {
            return name;
        }
        if depth == 0 || self.random.below(3) == 0 {
            return self.random.pick(&["m", "n"]).to_owned();
        }
        let depth = depth - 1;
        self.again(Kind::Many, |this| match this.random.below(5) {
            0 | 1 => format!("[k |-> {}]", this.int(depth)),
            2 => format!("[k |-> {}, v |-> {}]", this.int(depth), this.int(depth)),
            3 => format!("[{} EXCEPT !.k = {}]", this.many(depth), this.int(depth)),
            _ => format!("(IF {} THEN {} ELSE {})", this.formula(depth), this.many(depth), this.many(depth)),
        })
    }

    /// A set of records of a sort with two shapes.
    fn records(&mut self, depth: u32) -> String {
        let depth = depth.saturating_sub(1);
        match self.random.below(7) {
            0 => "M".to_owned(),
            1 => format!("(M \\cup {{{}}})", self.many(depth)),
            2 => format!("[k : {}]", self.set(depth)),
            3 => format!("[k : {}, v : {}]", self.set(depth), self.set(depth)),
            4 => format!("([k : {}] \\cup [k : {}, v : S])", self.set(depth), self.set(depth)),
            5 => format!("(M \\ {{{}}})", self.many(depth)),
            _ => format!("{{{}, {}}}", self.many(depth), self.many(depth)),
        }
    }

    pub(crate) fn formula(&mut self, depth: u32) -> String {
        if depth == 0 {
            return match self.random.below(8) {
                0 => "p".to_owned(),
                1 => "q".to_owned(),
                2 => "r.on".to_owned(),
                3 => format!("{} \\in {}", self.int(0), self.set(0)),
                4 => format!("{} = {}", self.int(0), self.int(0)),
                _ => {
                    let op = self.random.pick(&["<", "=<", ">", ">=", "#"]);
                    format!("{} {op} {}", self.int(0), self.int(0))
                }
            };
        }
        let depth = depth - 1;
        let text = match self.random.below(40) {
            0..4 => format!("{} /\\ {}", self.formula(depth), self.formula(depth)),
            4..7 => format!("{} \\/ {}", self.formula(depth), self.formula(depth)),
            7 | 8 => format!("~{}", self.formula(depth)),
            9..12 => format!("{} => {}", self.formula(depth), self.formula(depth)),
            12 | 13 => format!("{} <=> {}", self.formula(depth), self.formula(depth)),
            14 => {
                format!(
                    "IF {} THEN {} ELSE {}",
                    self.formula(depth),
                    self.formula(depth),
                    self.formula(depth)
                )
            }
            15..18 => self.quantified(depth),
            18 => {
                let (q, name, set) = (self.quantifier(), self.fresh(), self.records(depth));
                self.records.push(name.clone());
                let body = self.formula(depth);
                self.records.pop();
                format!("{q} {name} \\in {set} : {body}")
            }
            19 => format!("{} \\in {}", self.many(depth), self.records(depth)),
            20 => format!("{} = {}", self.many(depth), self.many(depth)),
            21 => format!("{} = {}", self.one(depth), self.one(depth)),
            22 => format!("{} \\in [a : {}, on : BOOLEAN]", self.one(depth), self.set(depth)),
            23 => format!("{}.on", self.one(depth)),
            24 => format!("{} \\in {}", self.int(depth), self.set(depth)),
            25 => format!("{} \\in Nat", self.int(depth)),
            26 => format!("{} \\subseteq {}", self.set(depth), self.set(depth)),
            27 | 28 => format!("{} = {}", self.set(depth), self.set(depth)),
            29 => format!("{} \\in SUBSET {}", self.set(depth), self.set(depth)),
            30 => format!("{} = {}", self.function(depth), self.function(depth)),
            31 => format!("{} \\in [{} -> {}]", self.function(depth), self.set(depth), self.set(depth)),
            32 => format!("{} = {}", self.sequence(depth), self.sequence(depth)),
            33 => {
                format!("{} \\in Seq({})", self.sequence(depth), self.random.pick(&["S", "Nat", "Int", "T"]))
            }
            34 => format!("DOMAIN {} = 1..{}", self.random.pick(&["f", "g", "s"]), self.int(depth)),
            35 => format!("<<{}, {}>> \\in ({} \\X S)", self.int(depth), self.int(depth), self.set(depth)),
            36 => format!("<<{}, p>> = <<{}, q>>", self.int(depth), self.int(depth)),
            _ => {
                let op = self.random.pick(&["<", "=<", ">", ">=", "#", "="]);
                format!("{} {op} {}", self.int(depth), self.int(depth))
            }
        };
        format!("({text})")
    }

    fn quantifier(&mut self) -> &'static str {
        self.random.pick(&["\\A", "\\E"])
    }

    fn quantified(&mut self, depth: u32) -> String {
        let (q, name, set) = (self.quantifier(), self.fresh(), self.set(depth));
        if self.random.below(3) > 0 {
            let body = self.with(&name, |this| this.formula(depth));
            return format!("{q} {name} \\in {set} : {body}");
        }
        let (other, other_set) = (self.fresh(), self.set(depth));
        let body = self.with(&name, |this| this.with(&other, |this| this.formula(depth)));
        format!("{q} {name} \\in {set}, {other} \\in {other_set} : {body}")
    }
}
