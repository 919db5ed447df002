//! The same Markdown body as plain text: the same words and figures in the same order, without marks.

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::html::dialled;

/// The text of a Markdown body, lines as the body has them, one empty line between blocks.
pub fn markdown_to_text(markdown: &str) -> String {
    with_link(markdown, None)
}

/// The same where `link`, the recipient's own, follows its label after a colon.
pub(super) fn with_link(markdown: &str, link: Option<&str>) -> String {
    let mut page = Page { out: String::with_capacity(markdown.len()), link, ..Page::default() };
    for event in Parser::new(markdown) {
        page.event(&event);
    }
    page.out.truncate(page.out.trim_end().len());
    page.out
}

#[derive(Default)]
struct Page<'a> {
    out: String,
    /// The recipient's own page.
    link: Option<&'a str>,
    /// Open lists: the number of the next item, none for bullets.
    lists: Vec<Option<u64>>,
    /// Open items: how far their lines are indented.
    items: Vec<usize>,
    links: Vec<Option<String>>,
}

impl Page<'_> {
    fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(*tag),
            Event::Text(text)
            | Event::Code(text)
            | Event::Html(text)
            | Event::InlineHtml(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text)
            | Event::FootnoteReference(text) => self.out.push_str(text),
            Event::SoftBreak => self.out.push(' '),
            Event::HardBreak => self.line(),
            Event::Rule | Event::TaskListMarker(_) => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::List(first) => {
                if !self.items.is_empty() {
                    self.trim();
                    self.line();
                }
                self.lists.push(*first);
            }
            Tag::Item => {
                let mark = match self.lists.last_mut() {
                    Some(Some(number)) => {
                        let mark = format!("{number}. ");
                        *number += 1;
                        mark
                    }
                    _ => "- ".to_owned(),
                };
                if !self.out.is_empty() && !self.out.ends_with(['\n', ' ']) {
                    self.line();
                }
                self.out.push_str(&mark);
                self.items.push(self.items.last().copied().unwrap_or(0) + mark.len());
            }
            Tag::Link { dest_url, .. } => self.links.push((!dialled(dest_url)).then(|| dest_url.to_string())),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Item => {
                self.items.pop();
                self.trim();
                self.line();
            }
            TagEnd::List(_) => {
                self.lists.pop();
                if self.items.is_empty() {
                    self.block();
                }
            }
            TagEnd::Paragraph if !self.items.is_empty() => self.line(),
            TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::BlockQuote(_) | TagEnd::CodeBlock | TagEnd::HtmlBlock => {
                self.block();
            }
            TagEnd::Link => {
                if let Some(address) = self.links.pop().flatten() {
                    let own = self.link == Some(address.as_str());
                    self.out.push_str(if own { ": " } else { " (" });
                    self.out.push_str(&address);
                    self.out.push_str(if own { "" } else { ")" });
                }
            }
            _ => {}
        }
    }

    fn trim(&mut self) {
        self.out.truncate(self.out.trim_end().len());
    }

    fn line(&mut self) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', self.items.last().copied().unwrap_or(0)));
    }

    fn block(&mut self) {
        self.trim();
        self.out.push_str("\n\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_keep_their_marks_and_their_second_lines_stand_under_the_first() {
        let text = markdown_to_text(
            "Kết quả:\n\n- **Thanh toán: thiếu 99**\\\n  24/410\n- Khác\n\nĐề nghị:\n\n1. Một\n2. Hai\n\nHết",
        );
        assert_eq!(text, "Kết quả:\n\n- Thanh toán: thiếu 99\n  24/410\n- Khác\n\nĐề nghị:\n\n1. Một\n2. Hai\n\nHết");
    }

    #[test]
    fn loose_and_nested_lists_stay_readable() {
        assert_eq!(markdown_to_text("- a\n\n- b\n  - c\n  - d\n- e"), "- a\n- b\n  - c\n  - d\n- e");
    }
}
