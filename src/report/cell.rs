//! Cells of files that people open with a spreadsheet.

/// `cell`, quoted with `'` where a spreadsheet would take it for a formula.
pub fn harmless(cell: &str) -> String {
    let formula =
        cell.starts_with(['=', '+', '@', '\t', '\r']) || (cell.starts_with('-') && cell.parse::<i64>().is_err());
    if formula && cell.len() > 1 { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_of_a_csv_starts_a_formula() {
        assert_eq!(harmless("=HYPERLINK(1)"), "'=HYPERLINK(1)");
        assert_eq!(harmless("-1+1"), "'-1+1");
        assert_eq!(harmless("-5"), "-5");
        assert_eq!(harmless("-"), "-");
    }
}
