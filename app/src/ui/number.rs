//! Counts for people.

/// A count with its thousands set apart: `1,000,000`.
pub(crate) fn counted(count: impl Into<u64>) -> String {
    let (digits, mark) = (count.into().to_string(), tr!("ui.thousands"));
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            out.push_str(mark);
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn thousands_are_set_apart() {
        for (count, expected) in [(0u64, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(counted(count), expected);
        }
    }
}
