/// Words in lines of at most `width` characters. A word that is longer stands alone.
pub fn wrapped(words: &str, width: usize) -> String {
    let mut out = String::with_capacity(words.len() + words.len() / width.max(1) + 1);
    let mut column = 0;
    for word in words.split_whitespace() {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > width {
            out.push('\n');
            column = 0;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_longer_and_no_word_is_lost() {
        assert_eq!(wrapped("a bc  def g", 5), "a bc\ndef g\n");
        assert_eq!(wrapped("abcdefgh i", 3), "abcdefgh\ni\n");
        assert_eq!(wrapped("", 3), "\n");
    }
}
