//! Texts of changes that fit in a line.

/// What is shown as it is.
const SHORT: usize = 64;
/// How many words are shown on each side of a difference in a long text.
const N_AROUND: usize = 3;
/// What stands for words that are left out.
const GAP: &str = "...";

/// A text in one line, cut off where it is long.
pub(super) fn beginning(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut out = String::new();
    for (word_idx, word) in words.iter().enumerate() {
        if word_idx > 0 {
            if out.chars().count() + word.chars().count() > SHORT {
                out.push(' ');
                out.push_str(GAP);
                return out;
            }
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// Two texts in one line each; of what both begin with and end with, only a little where they are long.
pub(super) fn difference(before: &str, after: &str) -> [String; 2] {
    let words = [before, after].map(|text| text.split_whitespace().collect::<Vec<&str>>());
    let [before, after] = &words;
    if words.iter().all(|words| words.join(" ").chars().count() <= SHORT) {
        return [before.join(" "), after.join(" ")];
    }
    let same = |pairs: &mut dyn Iterator<Item = (&&str, &&str)>| {
        pairs.take_while(|(one, other)| one == other).count()
    };
    let n_first = same(&mut before.iter().zip(after));
    let n_last = same(&mut before.iter().rev().zip(after.iter().rev()));
    let n_last = n_last.min(before.len().min(after.len()) - n_first);
    words.map(|words| {
        let (from, to) =
            (n_first.saturating_sub(N_AROUND), (words.len() - n_last + N_AROUND).min(words.len()));
        let mut shown = words[from..to].join(" ");
        if from > 0 {
            shown = format!("{GAP} {shown}");
        }
        if to < words.len() {
            shown = format!("{shown} {GAP}");
        }
        shown
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_texts_are_whole() {
        assert_eq!(difference("a  <\n b", "a =< b"), ["a < b", "a =< b"]);
        assert_eq!(beginning("/\\ a\n/\\ b"), "/\\ a /\\ b");
    }

    #[test]
    fn long_texts_show_where_they_differ() {
        let words = "one two three four five six seven eight nine ten eleven twelve thirteen";
        let other = words.replace("six", "6");
        assert_eq!(
            difference(words, &other),
            ["... three four five six seven eight nine ...", "... three four five 6 seven eight nine ..."]
        );
        let less = words.replace("one ", "");
        assert_eq!(difference(words, &less), ["one two three four ...", "two three four ..."]);
        assert!(beginning(words).ends_with("eleven twelve ..."), "{}", beginning(words));
    }

    #[test]
    fn repeated_words_are_no_trouble() {
        let many = "a ".repeat(60);
        let more = "a ".repeat(61);
        let [before, after] = difference(&many, &more);
        assert!(before.len() < SHORT && after.len() < SHORT, "{before} {after}");
    }
}
