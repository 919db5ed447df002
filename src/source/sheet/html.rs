//! Web pages saved as workbooks: their tables, one below the other, as one grid, the way Excel shows them.

use std::borrow::Cow;
use std::cell::RefCell;

use html5ever::LocalName;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

use super::grid::{Cell, Grid, Merge, Value};
use super::place::{COLUMNS, TooLarge, within_limits};

/// Tables inside tables, deeper than any report lays them.
const DEPTH: usize = 32;
/// The furthest that one cell may span.
const SPAN: u32 = 1_000;

/// The grid of a page's tables; text between them is a row of its own.
pub(super) fn grid(page: &str) -> Result<Grid<'static>, TooLarge> {
    let tokenizer = Tokenizer::new(Sink { page: RefCell::default() }, TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(page));
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    let mut page = tokenizer.sink.page.into_inner();
    page.flush();
    while !page.open.is_empty() {
        page.end_table();
    }
    page.too_large.map_or_else(|| Ok(Grid::new(page.cells, page.merges)), Err)
}

struct Sink {
    page: RefCell<Page>,
}

#[derive(Default)]
struct Page {
    /// Finished cells; the row counts over all tables.
    cells: Vec<Cell<'static>>,
    merges: Vec<Merge>,
    row: u32,
    open: Vec<OpenTable>,
    /// Text outside of every table.
    loose: String,
    too_large: Option<TooLarge>,
}

#[derive(Default)]
struct OpenTable {
    rows: Vec<Vec<OpenCell>>,
    row_open: bool,
    cell_open: bool,
}

struct OpenCell {
    text: String,
    columns: u32,
    rows: u32,
}

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut page = self.page.borrow_mut();
        match token {
            Token::TagToken(tag) => {
                page.tag(&tag);
                if tag.kind == TagKind::StartTag {
                    return raw(&tag.name);
                }
            }
            Token::CharacterTokens(text) => page.text(&text),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

/// What stands inside of these is no text of the page.
fn raw(name: &LocalName) -> TokenSinkResult<()> {
    match &**name {
        "style" | "xmp" | "iframe" | "noembed" | "noframes" => TokenSinkResult::RawData(RawKind::Rawtext),
        "script" => TokenSinkResult::RawData(RawKind::ScriptData),
        "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
        _ => TokenSinkResult::Continue,
    }
}

impl Page {
    fn tag(&mut self, tag: &Tag) {
        let start = tag.kind == TagKind::StartTag;
        match (&*tag.name, start) {
            ("table", true) => self.begin_table(),
            ("table", false) => self.end_table(),
            ("tr", _) => {
                let Some(table) = self.open.last_mut() else { return };
                table.cell_open = false;
                table.row_open = start;
                if start {
                    table.rows.push(Vec::new());
                }
            }
            ("td" | "th", true) => self.begin_cell(tag),
            ("td" | "th" | "tbody" | "thead" | "tfoot", _) => {
                if let Some(table) = self.open.last_mut() {
                    table.cell_open = false;
                }
            }
            ("style" | "script" | "title", false) => self.loose.clear(),
            ("br" | "p" | "div" | "li" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "body" | "html", _) => {
                self.text(" ");
                if self.open.is_empty() {
                    self.flush();
                }
            }
            _ => {}
        }
    }

    fn begin_table(&mut self) {
        if self.open.is_empty() {
            self.flush();
        }
        if self.open.len() < DEPTH {
            self.open.push(OpenTable::default());
        }
    }

    fn begin_cell(&mut self, tag: &Tag) {
        let Some(table) = self.open.last_mut() else { return };
        let span = |name: &str| {
            let attribute = tag.attrs.iter().find(|attribute| &*attribute.name.local == name);
            attribute.and_then(|attribute| attribute.value.trim().parse::<u32>().ok()).unwrap_or(1).clamp(1, SPAN)
        };
        if !table.row_open {
            table.rows.push(Vec::new());
            table.row_open = true;
        }
        table.cell_open = true;
        let cell = OpenCell { text: String::new(), columns: span("colspan"), rows: span("rowspan") };
        if let Some(row) = table.rows.last_mut() {
            row.push(cell);
        }
    }

    fn text(&mut self, text: &str) {
        match self.open.last_mut() {
            None => self.loose.push_str(text),
            Some(table) if table.cell_open => {
                if let Some(cell) = table.rows.last_mut().and_then(|row| row.last_mut()) {
                    cell.text.push_str(text);
                }
            }
            // Text of a table outside of its cells shows nowhere in a workbook.
            Some(_) => {}
        }
    }

    /// A table inside a cell is part of that cell when it is nothing but a frame around one text; otherwise its rows
    /// stand for themselves.
    fn end_table(&mut self) {
        let Some(table) = self.open.pop() else { return };
        let mut filled = table.rows.iter().flatten().filter(|cell| !cell.text.trim().is_empty());
        let only = filled.next().filter(|_| filled.next().is_none());
        if let (Some(only), false) = (only, self.open.is_empty()) {
            let text = format!(" {} ", only.text);
            self.text(&text);
            return;
        }
        self.place(table.rows);
    }

    /// Gives every cell its column: what a cell above spans is taken.
    fn place(&mut self, rows: Vec<Vec<OpenCell>>) {
        // By column, as far as a sheet may reach: the first row that no cell above spans.
        let mut free_from: Vec<u32> = Vec::new();
        for row in rows {
            let at = self.row;
            let mut columns = RowColumns { next: 0, at, free_from: &mut free_from };
            for cell in row {
                let merge = columns.take(&cell);
                self.put(at, merge.left, &cell);
                if (cell.rows > 1 || cell.columns > 1) && merge.left < COLUMNS {
                    self.merges.push(merge);
                }
            }
            self.row += 1;
        }
    }

    fn put(&mut self, row: u32, column: u32, cell: &OpenCell) {
        let value = Value::Text(Cow::Owned(cell.text.clone()));
        if value.is_blank() || self.too_large.is_some() {
            return;
        }
        match within_limits(row, column, self.cells.len()) {
            Ok(()) => self.cells.push(Cell { row, column, value }),
            Err(far) => self.too_large = Some(far),
        }
    }

    /// Ends a line of text outside of every table.
    fn flush(&mut self) {
        let text = std::mem::take(&mut self.loose);
        if text.trim().is_empty() {
            return;
        }
        self.put(self.row, 0, &OpenCell { text, columns: 1, rows: 1 });
        self.row += 1;
    }
}

/// The columns of one row, taken from the left.
struct RowColumns<'a> {
    next: u32,
    at: u32,
    free_from: &'a mut Vec<u32>,
}

impl RowColumns<'_> {
    /// The rectangle of the next cell.
    fn take(&mut self, cell: &OpenCell) -> Merge {
        let place = |column: u32| usize::try_from(column).unwrap_or(usize::MAX);
        while self.free_from.get(place(self.next)).is_some_and(|free| *free > self.at) {
            self.next += 1;
        }
        let left = self.next;
        self.next = left.saturating_add(cell.columns);
        let merge = Merge { top: self.at, left, bottom: self.at + cell.rows - 1, right: self.next - 1 };
        if cell.rows > 1 {
            let end = place(self.next.min(COLUMNS));
            if self.free_from.len() < end {
                self.free_from.resize(end, 0);
            }
            for free in self.free_from.get_mut(place(left)..end).unwrap_or_default() {
                *free = (*free).max(merge.bottom + 1);
            }
        }
        merge
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(page: &str) -> Vec<String> {
        let grid = grid(page).unwrap();
        let cell = |cell: &Cell<'_>| {
            format!("{}={}", super::super::place::cell_name(cell.row, cell.column), cell.value.shown())
        };
        grid.rows().flat_map(|(_, cells)| cells).map(cell).collect()
    }

    #[test]
    fn spans_move_the_cells_behind_and_below_them() {
        let page = "<table><tr><td rowspan=2>STT<td colspan='2'>Nhận<th>Ghi chú</th></tr><tr><td>A<td>B</table>";
        assert_eq!(shown(page), ["A1=STT", "B1=Nhận", "D1=Ghi chú", "B2=A", "C2=B"]);
        let grid = grid(page).unwrap();
        assert_eq!((grid.anchor(1, 0), grid.anchor(0, 2)), ((0, 0), (0, 1)));
    }

    #[test]
    fn what_the_page_hides_is_no_text_and_entities_are() {
        let page = "\u{feff}<!--[if gte mso 9]><xml>x</xml><![endif]--><html><head><title>t</title><style>td{}</style></head>\
                    <body><p>Từ ngày 01/10/2022</p><script>a<b</script><TABLE><TR><TD style='x'>S&#7903;&nbsp;&amp;<br/>Ban</TD></TR></TABLE>";
        assert_eq!(shown(page), ["A1=Từ ngày 01/10/2022", "A2=Sở & Ban"]);
    }

    #[test]
    fn tables_inside_tables_are_a_cell_or_rows_of_their_own() {
        let framed = "<table><tr><td>1</td><td><table><tr><td><b>12</b></td></tr></table></td></tr></table>";
        assert_eq!(shown(framed), ["A1=1", "B1=12"]);
        let laid = "<table><tr><td><table><tr><td>a<td>b<tr><td>c<td>d</table></td></tr><tr><td>e</table>";
        assert_eq!(shown(laid), ["A1=a", "B1=b", "A2=c", "B2=d", "A4=e"]);
    }

    #[test]
    fn a_hostile_page_costs_little() {
        let deep = "<table><tr><td>".repeat(50_000);
        assert!(grid(&deep).unwrap().is_empty());
        let wide = "<table><tr><td colspan=1000000000 rowspan=-1>a<td>b";
        assert!(grid(wide).unwrap_err().what.contains("columns"));
        let spans = format!("<table><tr>{}", "<td rowspan=9>".repeat(200_000));
        assert!(grid(&spans.repeat(3)).unwrap().merges().len() <= 3 * 512);
        assert!(grid("<table><tr></td></table></table></tr><![CDATA[").unwrap().is_empty());
    }
}
