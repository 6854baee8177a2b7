//! The colours of pages and drawings, light and dark, with what is written on what.
//!
//! Invariant: text has a contrast of 4.5 to its ground, and lines that carry meaning of 3, in both modes; no colour
//! is the only carrier of anything.

use std::fmt::Write as _;

/// Names of custom properties with their values, light and dark.
pub const COLOURS: [(&str, &str, &str); 36] = [
    ("paper", "#fcfbf8", "#16181b"),
    ("panel", "#f4f2ec", "#1e2125"),
    ("ink", "#1f1e1b", "#e8e5de"),
    ("soft", "#5f5b53", "#a8a59d"),
    ("line", "#dedad0", "#34383d"),
    ("edge", "#8b867b", "#7d8288"),
    ("accent", "#185a85", "#8cc4e6"),
    ("in", "#185a85", "#8cc4e6"),
    ("out", "#8a4a00", "#eab676"),
    ("good", "#256338", "#8fcf9f"),
    ("open", "#7d4b00", "#e9bd6c"),
    ("bad", "#a01b16", "#ff9d94"),
    ("mark", "#ffe9a8", "#57470e"),
    ("on-good", "#ffffff", "#0e1a12"),
    ("cell-open", "#ffdf9e", "#6b4a08"),
    ("on-open", "#3d2500", "#ffeecb"),
    ("cell-bad", "#a01b16", "#ff9d94"),
    ("on-bad", "#ffffff", "#2d0906"),
    // Costs: nothing, then ever dearer.
    ("c0", "#efece4", "#24272b"),
    ("c1", "#dfebf0", "#1c2e37"),
    ("c2", "#c9dfe8", "#1f3a46"),
    ("c3", "#aecfdc", "#234859"),
    ("c4", "#8bb9ca", "#295a6d"),
    ("c5", "#669fb5", "#2e6a81"),
    ("c6", "#38728d", "#4f99b3"),
    ("c7", "#225a76", "#80bdd3"),
    ("c8", "#0f3d56", "#c0e3f0"),
    ("t0", "#1f1e1b", "#e8e5de"),
    ("t1", "#14202a", "#e8f1f5"),
    ("t2", "#14202a", "#e8f1f5"),
    ("t3", "#14202a", "#e8f1f5"),
    ("t4", "#14202a", "#f2f8fa"),
    ("t5", "#0d171f", "#ffffff"),
    ("t6", "#ffffff", "#0a1318"),
    ("t7", "#ffffff", "#0a1318"),
    ("t8", "#ffffff", "#0a1318"),
];

fn properties(is_dark: bool) -> String {
    let mut out = String::new();
    for (name, light, dark) in &COLOURS {
        let _ = write!(out, "--{name}:{};", if is_dark { dark } else { light });
    }
    out
}

/// The colours of a page, whose root may say which mode it wants.
pub fn of_page() -> String {
    let (light, dark) = (properties(false), properties(true));
    format!(
        ":root{{color-scheme:light dark;{light}}}\n\
         @media (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark}}}}}\n\
         :root[data-theme=light]{{color-scheme:light}}\n\
         :root[data-theme=dark]{{color-scheme:dark;{dark}}}\n"
    )
}

/// The colours of a drawing that stands alone.
pub fn of_drawing() -> String {
    let (light, dark) = (properties(false), properties(true));
    format!("svg{{{light}}}\n@media (prefers-color-scheme:dark){{svg{{{dark}}}}}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is written, or drawn, on what, and the contrast that this needs.
    const PAIRS: [(&str, &str, f64); 38] = [
        ("ink", "paper", 7.0),
        ("ink", "panel", 7.0),
        ("ink", "mark", 4.5),
        ("soft", "paper", 4.5),
        ("soft", "panel", 4.5),
        ("accent", "paper", 4.5),
        ("accent", "panel", 4.5),
        ("edge", "paper", 3.0),
        ("edge", "panel", 3.0),
        ("in", "paper", 4.5),
        ("in", "panel", 4.5),
        ("out", "paper", 4.5),
        ("out", "panel", 4.5),
        ("good", "paper", 4.5),
        ("good", "panel", 4.5),
        ("open", "paper", 4.5),
        ("open", "panel", 4.5),
        ("bad", "paper", 4.5),
        ("bad", "panel", 4.5),
        ("paper", "ink", 4.5),
        ("on-good", "good", 4.5),
        ("on-open", "cell-open", 4.5),
        ("on-bad", "cell-bad", 4.5),
        ("cell-bad", "paper", 3.0),
        ("t0", "c0", 4.5),
        ("t1", "c1", 4.5),
        ("t2", "c2", 4.5),
        ("t3", "c3", 4.5),
        ("t4", "c4", 4.5),
        ("t5", "c5", 4.5),
        ("t6", "c6", 4.5),
        ("t7", "c7", 4.5),
        ("t8", "c8", 4.5),
        ("accent", "mark", 3.0),
        ("bad", "mark", 3.0),
        ("soft", "mark", 3.0),
        ("good", "c0", 3.0),
        ("accent", "c0", 3.0),
    ];

    /// The luminance of a colour, as WCAG defines it.
    fn luminance(colour: &str) -> f64 {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    fn contrast(a: &str, b: &str) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn what_is_written_can_be_read_in_both_modes() {
        let find = |name: &str| COLOURS.iter().find(|(own, ..)| *own == name).unwrap();
        let mut poor = Vec::new();
        for (above, below, least) in PAIRS {
            let (above, below) = (find(above), find(below));
            for (mode, a, b) in [("light", above.1, below.1), ("dark", above.2, below.2)] {
                let found = contrast(a, b);
                if found < least {
                    poor.push(format!("{} on {} ({mode}): {found:.2} < {least}", above.0, below.0));
                }
            }
        }
        assert!(poor.is_empty(), "{}", poor.join("\n"));
    }

    #[test]
    fn dearer_is_further_from_the_paper() {
        for mode in [1, 2] {
            let of = |(_, light, dark): &(&str, &'static str, &'static str)| {
                if mode == 1 { *light } else { *dark }
            };
            let paper = of(&COLOURS[0]);
            let costs: Vec<f64> = COLOURS
                .iter()
                .filter(|(name, ..)| name.len() == 2 && name.starts_with('c'))
                .map(|colour| contrast(of(colour), paper))
                .collect();
            assert_eq!(costs.len(), 9);
            assert!(costs[1..].windows(2).all(|pair| pair[0] < pair[1]), "{costs:?}");
        }
    }

    #[test]
    fn each_mode_has_each_colour() {
        assert_eq!(of_page().matches("--c3:").count(), 3);
        assert_eq!(of_drawing().matches("--t8:").count(), 2);
    }
}
