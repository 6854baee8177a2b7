//! `solver`: from verification conditions to outcomes; the only crate that knows Z3.
#![warn(clippy::disallowed_methods)]

/// x
pub fn z3_version() -> String {
    z3::full_version().to_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    fn v() {
        println!("{}", super::z3_version());
        assert!(super::z3_version().contains("4.16.0"));
    }
}
