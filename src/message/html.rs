//! One Markdown body as HTML for mail clients: every tag carries its style, raw HTML is shown as text, and nothing is
//! fetched from anywhere.

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

const PARAGRAPH: &str = "<p style=\"margin:0 0 12px\">";
const PARAGRAPH_IN_ITEM: &str = "<p style=\"margin:0\">";
const HEADING: &str = "<h2 style=\"margin:16px 0 8px;font-size:18px\">";
const BULLETS: &str = "<ul style=\"margin:0 0 12px;padding:0;list-style:none\">";
const CARD: &str = "<li style=\"margin:0 0 8px;padding:8px 12px;border-left:4px solid #b34700\">";
const STEPS: &str = "<ol style=\"margin:0 0 12px;padding:0 0 0 24px\"";
const STEP: &str = "<li style=\"margin:0 0 8px\">";
const QUOTE: &str = "<blockquote style=\"margin:0 0 12px;padding:0 12px;border-left:4px solid #888\">";
/// What follows a rule is small print, up to the end.
const SMALL_PRINT: &str = "<div style=\"margin:16px 0 0;padding:12px 0 0;border-top:1px solid #888;font-size:14px\">";

/// The HTML of a Markdown body, without the document around it.
pub fn markdown_to_html(markdown: &str) -> String {
    with_link(markdown, None)
}

/// The same where one page may be linked to: `link`, the recipient's own, letter by letter.
pub(super) fn with_link(markdown: &str, link: Option<&str>) -> String {
    let mut page = Page { out: String::with_capacity(markdown.len() * 2), link, ..Page::default() };
    for event in Parser::new(markdown) {
        page.event(&event);
    }
    for _ in 0..page.small_prints {
        page.out.push_str("</div>");
    }
    page.out
}

/// The address of a link that a message may carry: calling or writing to somebody, never a page.
pub(super) fn dialled(address: &str) -> bool {
    address.starts_with("tel:") || address.starts_with("mailto:")
}

#[derive(Default)]
struct Page<'a> {
    out: String,
    /// The only page that can be followed.
    link: Option<&'a str>,
    /// Open lists: whether each is numbered.
    lists: Vec<bool>,
    items: usize,
    small_prints: usize,
    /// Open links: the address to be written out behind the label, none for a link that can be followed.
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
            | Event::FootnoteReference(text) => escape(text, &mut self.out),
            Event::SoftBreak => self.out.push('\n'),
            Event::HardBreak => self.out.push_str("<br>"),
            Event::Rule => {
                self.out.push_str(SMALL_PRINT);
                self.small_prints += 1;
            }
            Event::TaskListMarker(_) => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::Paragraph if self.items > 0 => self.out.push_str(PARAGRAPH_IN_ITEM),
            Tag::Paragraph | Tag::CodeBlock(_) | Tag::HtmlBlock => self.out.push_str(PARAGRAPH),
            Tag::Heading { .. } => self.out.push_str(HEADING),
            Tag::BlockQuote(_) => self.out.push_str(QUOTE),
            Tag::List(None) => {
                self.lists.push(false);
                self.out.push_str(BULLETS);
            }
            Tag::List(Some(first)) => {
                self.lists.push(true);
                self.out.push_str(STEPS);
                if *first != 1 {
                    self.out.push_str(" start=\"");
                    self.out.push_str(&first.to_string());
                    self.out.push('"');
                }
                self.out.push('>');
            }
            Tag::Item => {
                self.items += 1;
                let numbered = self.lists.last().copied().unwrap_or(false);
                self.out.push_str(if numbered { STEP } else { CARD });
            }
            Tag::Strong => self.out.push_str("<strong>"),
            Tag::Emphasis => self.out.push_str("<em>"),
            Tag::Link { dest_url, .. } => {
                let followed = dialled(dest_url) || self.link == Some(&**dest_url);
                if followed {
                    self.out.push_str("<a style=\"color:inherit;font-weight:bold\" href=\"");
                    escape(dest_url, &mut self.out);
                    self.out.push_str("\">");
                }
                self.links.push((!followed).then(|| dest_url.to_string()));
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        if tag == TagEnd::Link {
            match self.links.pop().flatten() {
                Some(address) => escape(&format!(" ({address})"), &mut self.out),
                None => self.out.push_str("</a>"),
            }
            return;
        }
        self.out.push_str(match tag {
            TagEnd::Paragraph | TagEnd::CodeBlock | TagEnd::HtmlBlock => "</p>",
            TagEnd::Heading(_) => "</h2>",
            TagEnd::BlockQuote(_) => "</blockquote>",
            TagEnd::List(_) if self.lists.pop() == Some(true) => "</ol>",
            TagEnd::List(_) => "</ul>",
            TagEnd::Item => {
                self.items = self.items.saturating_sub(1);
                "</li>"
            }
            TagEnd::Strong => "</strong>",
            TagEnd::Emphasis => "</em>",
            _ => "",
        });
    }
}

/// `text` as HTML shows it literally, in an element or in a quoted attribute.
pub(super) fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::markdown_to_text;

    #[test]
    fn a_card_and_a_step_carry_their_style() {
        let html = markdown_to_html("- **Kết quả: thiếu 3**\\\n  14/598\n\n1. Số hóa.\n");
        assert_eq!(
            html,
            format!(
                "{BULLETS}{CARD}<strong>Kết quả: thiếu 3</strong><br>14/598</li></ul>{STEPS}>{STEP}Số hóa.</li></ol>"
            )
        );
    }

    #[test]
    fn raw_html_is_shown_and_not_obeyed() {
        let html = markdown_to_html("<script>alert(1)</script>\n\nxin <b onclick=x>chào</b> &lt;i&gt;");
        assert!(!html.contains("<script") && !html.contains("<b ") && !html.contains("<i>"), "{html}");
        assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{html}");
    }

    #[test]
    fn only_a_number_or_an_address_can_be_followed() {
        let source = "[0900 000 123](tel:0900000123) [trang](https://xa.example/a) ![ảnh](https://xa.example/b.png) [x](javascript:alert)";
        let html = markdown_to_html(source);
        assert_eq!(html.matches("href").count(), 1);
        assert!(html.contains("href=\"tel:0900000123\">0900 000 123</a>"), "{html}");
        assert!(html.contains("trang (https://xa.example/a) ảnh"), "{html}");
        assert_eq!(markdown_to_text(source), "0900 000 123 trang (https://xa.example/a) ảnh x (javascript:alert)");
    }

    #[test]
    fn of_all_pages_only_the_recipients_own_can_be_followed() {
        let own = "https://dondoc.example/r/A-_b";
        let source = "[Trả lời](https\\://dondoc\\.example/r/A\\-\\_b)\n\n[khác](https://dondoc.example/r/A-_bc)";
        let html = with_link(source, Some(own));
        assert_eq!(html.matches("href").count(), 1);
        assert!(html.contains(&format!("href=\"{own}\">Trả lời</a>")), "{html}");
        let text = crate::message::text::with_link(source, Some(own));
        assert_eq!(text, "Trả lời: https://dondoc.example/r/A-_b\n\nkhác (https://dondoc.example/r/A-_bc)");
        assert!(!with_link(source, None).contains("href"));
    }

    #[test]
    fn what_follows_a_rule_is_small_print() {
        assert_eq!(
            markdown_to_html("một\n\n---\n\nhai"),
            format!("{PARAGRAPH}một</p>{SMALL_PRINT}{PARAGRAPH}hai</p></div>")
        );
        assert_eq!(markdown_to_text("một\n\n---\n\nhai"), "một\n\nhai");
    }
}
