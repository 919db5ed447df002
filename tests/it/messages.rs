//! Every template with every sample, as the recipient gets it; and what happens when a template misbehaves.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use dondoc::catalog::Catalog;
use dondoc::decision::Tone;
use dondoc::evaluation::{Evaluation, Rate, Standing};
use dondoc::message::{Composed, Draft, Figures, Limits, Message, Notice, Renderer, Templates, compose, segments};

use crate::support::letters::{Sample, as_of, catalog, samples};

/// Wide enough for a busy machine, short enough for a test that waits for it.
fn limits() -> Limits {
    Limits { batch: Duration::from_secs(20), ..Limits::default() }
}

async fn renderer(templates: &Templates, limits: Limits) -> Renderer {
    Renderer::start(Path::new(env!("CARGO_BIN_EXE_dondoc")), templates, limits).await.expect("a worker")
}

async fn composed(catalog: &Catalog, samples: &[Sample], templates: &Templates, limits: Limits) -> Vec<Composed> {
    let renderer = renderer(templates, limits).await;
    let drafts: Vec<_> = samples.iter().map(|sample| sample.draft(catalog)).collect();
    compose(&renderer, catalog, &drafts, &figures_told()).await
}

/// The figures that the samples speak of.
fn figures_told() -> Figures {
    Figures { until: as_of(), code: "bc56a73d".to_owned() }
}

/// Every sample as first letter and as second.
async fn all_messages() -> Vec<(String, Message)> {
    let catalog = catalog(&[]);
    let (names, samples): (Vec<String>, Vec<Sample>) = samples(&catalog)
        .into_iter()
        .flat_map(|(name, sample)| {
            [(format!("{name}_first"), sample.clone()), (format!("{name}_second"), sample.at_step(2))]
        })
        .unzip();
    let composed = composed(&catalog, &samples, &Templates::built_in(), limits()).await;
    names
        .into_iter()
        .zip(composed)
        .map(|(name, composed)| {
            assert_eq!(composed.alarm, None, "{name}");
            (name, composed.message)
        })
        .collect()
}

/// Runs of digits and the points and commas between them.
fn figures(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !(c.is_ascii_digit() || c == '.' || c == ','));
    words.map(|word| word.trim_matches(['.', ','])).filter(|word| !word.is_empty()).map(ToOwned::to_owned).collect()
}

/// What a reader sees of an HTML document.
fn seen(html: &str) -> String {
    let body = html.split_once("</div>").expect("a preheader").1;
    let mut seen = String::new();
    for piece in body.split('<').skip(1) {
        seen.push_str(piece.split_once('>').expect("a whole tag").1);
        seen.push(' ');
    }
    for (glued, mark) in [(" ,", ","), (" .", "."), (" :", ":")] {
        seen = seen.replace(glued, mark);
    }
    seen.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"")
}

#[tokio::test]
async fn every_sample_reads_as_it_was_approved() {
    for (name, message) in all_messages().await {
        let Message { subject, text, html, sms, template, figures: _, link: _, sms_accented: _, zalo: _ } = &message;
        let template = template.split('@').next().unwrap();
        let shown = format!(
            "template: {template}\nsubject: {subject}\nsms ({} characters): {sms}\n\n{text}\n\n{html}",
            sms.len()
        );
        insta::assert_snapshot!(name, shown);
    }
}

#[tokio::test]
async fn every_sample_has_its_parameters_for_zalo() {
    let mut shown = String::new();
    for (name, message) in all_messages().await {
        let _ = writeln!(shown, "{name}");
        for (parameter, text) in &message.zalo {
            let length = text.chars().count();
            assert!((1..=90).contains(&length), "{name}: {parameter} has {length} characters: {text}");
            let _ = writeln!(shown, "  {parameter}: {text}");
        }
    }
    insta::assert_snapshot!("zalo_parameters", shown);
}

#[tokio::test]
async fn the_text_says_every_word_and_figure_of_the_html() {
    for (name, message) in all_messages().await {
        for figure in figures(message.html.split_once("<body").unwrap().1.split_once("<table").unwrap().0) {
            assert!(
                figures(&message.text).contains(&figure) || figure == "0",
                "{name}: {figure} is only in the preheader"
            );
        }
        let seen = seen(&message.html);
        for figure in figures(&seen) {
            assert!(figures(&message.text).contains(&figure), "{name}: {figure} is only in the HTML");
        }
        let said = |text: &str| -> Vec<String> {
            let words = text.split_whitespace().filter(|word| word.chars().any(char::is_alphabetic));
            words.map(ToOwned::to_owned).collect()
        };
        assert_eq!(said(&seen), said(&message.text), "{name}");
    }
}

#[tokio::test]
async fn a_letter_with_up_to_four_figures_has_at_most_two_hundred_words() {
    for (name, message) in all_messages().await {
        // The code of the figures is there to be quoted, not to be read.
        let (read, quoted) = message.text.split_once(" Mã số liệu: ").expect("every letter names its figures");
        assert_eq!(quoted.trim_end(), "bc56a73d.", "{name}");
        let words = [message.subject.as_str(), read].into_iter().flat_map(str::split_whitespace);
        let count = words.filter(|word| word.chars().any(char::is_alphanumeric)).count();
        assert!(count <= 200, "{name}: {count} words\n{}", message.text);
    }
}

#[tokio::test]
async fn subject_sms_and_document_fit_a_phone() {
    for (name, message) in all_messages().await {
        assert!(message.subject.chars().count() <= 65, "{name}: {}", message.subject);
        assert!(segments(&message.sms) <= 2, "{name}: {}", message.sms);
        assert!(message.sms.chars().all(|c| c.is_ascii_alphanumeric() || " .,:;/%()+-".contains(c)), "{}", message.sms);
        assert!(message.html.len() <= 6 * 1024, "{name}: {} bytes", message.html.len());
        for needed in
            ["lang=\"vi\"", "color-scheme", "prefers-color-scheme:dark", "max-width:600px", "href=\"tel:0900000123\""]
        {
            assert!(message.html.contains(needed), "{name}: no {needed}");
        }
        for foreign in ["http", "<img", "src=", "url(", "<script"] {
            assert!(!message.html.contains(foreign), "{name}: {foreign}");
        }
    }
}

/// A set in which the commune's first letter is replaced by `body`.
fn with_body(body: &str) -> Templates {
    let mut templates = Templates::built_in();
    let source = format!("+++\nsubject = 'Chủ đề'\npreheader = ''\nsms = 'Tin'\n+++\n{body}\n");
    templates.overlay("commune_first.md", &source);
    templates
}

/// Short deadlines for templates that are meant to miss them, and long ones for those beside them on a busy machine.
fn impatient() -> Limits {
    Limits { batch: Duration::from_secs(2), per_job: Duration::from_millis(10), ..Limits::default() }
}

/// Renders a commune's letter with `templates` between two others, and returns its alarm.
async fn alarm_of_the_middle_one(templates: &Templates, limits: Limits) -> String {
    let catalog = catalog(&[]);
    let samples = samples(&catalog);
    let named = |name: &str| samples.iter().find(|(known, _)| *known == name).expect("a sample").1.clone();
    let chosen = [named("department"), named("commune"), named("district")];
    let composed = composed(&catalog, &chosen, templates, limits).await;
    let [department, commune, district] = composed.as_slice() else { panic!("three messages") };
    for (other, name) in [(department, "department_first@"), (district, "district_first@")] {
        assert_eq!(other.alarm, None);
        assert!(other.message.template.starts_with(name));
    }
    assert_eq!(commune.message.template, "built-in");
    for fact in
        ["UBND xã Song Mai", "214/640 (33,44%)", "thiếu 106 hồ sơ", "0900.000.123", "Kế hoạch số 1780/KH-BCĐCĐS"]
    {
        assert!(commune.message.text.contains(fact), "{fact} is missing in {}", commune.message.text);
    }
    commune.alarm.clone().expect("an alarm")
}

#[tokio::test]
async fn an_unknown_field_falls_back_alone_and_is_named_with_its_place() {
    let alarm = alarm_of_the_middle_one(&with_body("Kính gửi\n\n{{ unit.nane }}"), limits()).await;
    assert!(alarm.contains("`commune_first.md`, line 8, column") && alarm.contains("Field `nane`"), "{alarm}");
}

#[tokio::test]
async fn an_error_in_a_part_is_named_in_the_part() {
    let mut templates = with_body("{% include \"_greeting.md\" %}");
    templates.overlay("_greeting.md", "Chào\n{{ recipient.name }}");
    let alarm = alarm_of_the_middle_one(&templates, limits()).await;
    assert!(alarm.contains("`_greeting.md`, line 2"), "{alarm}");
}

#[tokio::test]
async fn broken_syntax_falls_back_alone() {
    let alarm = alarm_of_the_middle_one(&with_body("{% if unit %}mở"), limits()).await;
    assert!(alarm.contains("`commune_first.md`, line"), "{alarm}");
    let alarm = alarm_of_the_middle_one(&with_body("{{ unit.name | ngay }}"), limits()).await;
    assert!(alarm.contains("`commune_first.md`, line 6, column") && alarm.contains("Unknown filter `ngay`"), "{alarm}");
}

#[tokio::test]
async fn a_loop_without_end_falls_back_alone() {
    let inner = "{% for a in r %}{% for b in r %}{% for c in r %}{% for d in r %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}";
    let body = format!("{{% set r = range(end=1000) %}}{inner}");
    let alarm = alarm_of_the_middle_one(&with_body(&body), impatient()).await;
    assert!(alarm.contains("`commune_first.md`") && alarm.contains("longer than"), "{alarm}");
}

#[tokio::test]
async fn a_body_that_swallows_memory_falls_back_alone() {
    let body = "{% set s = \"0123456789abcdef\" %}{% for i in range(end=40) %}{% set_global s = s ~ s %}{% endfor %}x";
    let alarm = alarm_of_the_middle_one(&with_body(body), limits()).await;
    assert!(alarm.contains("`commune_first.md`") && alarm.contains("memory"), "{alarm}");
}

#[tokio::test]
async fn a_chain_of_conditions_that_overflows_the_stack_falls_back_alone() {
    let body = format!("{{% if step > 9 %}}a{}{{% endif %}}", "{% elif 0 %}".repeat(5_000));
    assert!(body.len() < 64 * 1024);
    let alarm = alarm_of_the_middle_one(&with_body(&body), limits()).await;
    assert!(alarm.contains("`commune_first.md`"), "{alarm}");
}

#[tokio::test]
async fn too_much_output_too_long_a_source_and_a_link_in_the_sms_are_refused() {
    let much = "{% for i in range(end=1000) %}{% for j in range(end=100) %}dài lắm{% endfor %}{% endfor %}";
    let alarm = alarm_of_the_middle_one(&with_body(much), limits()).await;
    assert!(alarm.contains("grows too long"), "{alarm}");
    let alarm = alarm_of_the_middle_one(&with_body(&"dài ".repeat(20_000)), limits()).await;
    assert!(alarm.contains("longer than 65536 bytes"), "{alarm}");
    let mut templates = with_body("x");
    let linked = templates.source("commune_first.md").unwrap().replace("'Tin'", "'Xem tinh.example/a'");
    templates.overlay("commune_first.md", &linked);
    let alarm = alarm_of_the_middle_one(&templates, limits()).await;
    assert!(alarm.contains("line 4") && alarm.contains("taken for a link"), "{alarm}");
}

#[tokio::test]
async fn a_template_that_keeps_killing_workers_is_given_up_and_the_others_go_on() {
    let catalog = catalog(&[]);
    let samples = samples(&catalog);
    let body = format!("{{% if step > 9 %}}a{}{{% endif %}}", "{% elif 0 %}".repeat(5_000));
    let renderer = renderer(&with_body(&body), Limits { jobs: 4, ..limits() }).await;
    let drafts: Vec<_> = samples.iter().cycle().take(24).map(|(_, sample)| sample.draft(&catalog)).collect();
    let composed = compose(&renderer, &catalog, &drafts, &figures_told()).await;
    for (draft, composed) in drafts.iter().zip(&composed) {
        let commune = draft.recipient.units[0].as_str().starts_with("07");
        assert_eq!(composed.alarm.is_some(), commune, "{:?}", composed.alarm);
    }
    assert!(composed.iter().filter_map(|one| one.alarm.as_ref()).any(|alarm| alarm.contains("not tried again")));
}

#[tokio::test]
async fn names_are_shown_as_they_are_written_in_every_part() {
    let nasty = "Xã <script>alert(1)</script> *x* {{ 7*7 }} [a](b) `c` _d_ 1. & # \"q\"";
    let catalog = catalog(&[("07201", nasty)]);
    let samples: Vec<Sample> = samples(&catalog).into_iter().map(|(_, sample)| sample).take(1).collect();
    let composed = composed(&catalog, &samples, &Templates::built_in(), limits()).await;
    let [Composed { message, alarm: None }] = composed.as_slice() else { panic!("one message: {composed:?}") };
    let shown = nasty.replacen("Xã", "xã", 1);
    assert!(message.text.contains(&format!("Chủ tịch UBND {shown}")), "{}", message.text);
    assert!(seen(&message.html).contains(&shown), "{}", message.html);
    assert!(message.subject.starts_with(&format!("UBND {shown}")));
    assert!(!message.html.contains("<script") && !message.html.contains("<em>") && !message.html.contains("49"));
}

#[tokio::test]
async fn an_sms_drops_the_least_short_figures_first_and_says_so() {
    let catalog =
        catalog(&[("07201", "Xã có một cái tên dài đến mức không một tin nhắn nào chứa nổi quá ba con số của nó đâu")]);
    let sample = Sample { evaluations: samples(&catalog)[5].1.evaluations.clone(), ..samples(&catalog)[0].1.clone() };
    let evaluations = sample.evaluations.into_iter().map(|mut evaluation| {
        evaluation.unit = dondoc::catalog::UnitId::new("07201");
        evaluation
    });
    let sample = Sample { unit: "07201", evaluations: evaluations.collect(), step: 1 };
    let composed = composed(&catalog, &[sample], &Templates::built_in(), limits()).await;
    let sms = &composed[0].message.sms;
    assert_eq!(composed[0].alarm, None);
    assert!(
        sms.contains("ket qua dien tu") && sms.contains(" chi tieu khac") && !sms.contains("truc tuyen 46"),
        "{sms}"
    );
    assert!(segments(sms) <= 2);
}

#[tokio::test]
async fn two_rounds_render_the_same_bytes() {
    assert_eq!(all_messages().await, all_messages().await);
}

#[tokio::test]
async fn the_shipped_templates_have_no_problem_and_a_broken_one_is_explained() {
    assert_eq!(Templates::built_in().check(), []);
    let mut templates = with_body("{{ unit.nane }}");
    templates.overlay("commune_frist.md", "x");
    templates.overlay("district_first.md", "không có đầu");
    let problems = templates.check();
    let shown: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(shown.len(), 3, "{shown:#?}");
    assert!(
        shown[0].starts_with("commune_first.md:6:") && shown[0].contains("Có phải bạn muốn viết `name`?"),
        "{shown:#?}"
    );
    assert!(shown[1].contains("commune_frist.md:1:1") && shown[1].contains("`commune_first.md`"), "{shown:#?}");
    assert!(shown[2].starts_with("district_first.md:1:1"), "{shown:#?}");
    assert_eq!(renderer(&templates, limits()).await.check().await, problems);
}

#[tokio::test]
async fn a_program_that_is_no_worker_is_refused_at_start() {
    for program in ["/bin/true", "/nowhere/at/all"] {
        let error = Renderer::start(Path::new(program), &Templates::built_in(), limits()).await.unwrap_err();
        assert!(error.to_string().contains(program));
    }
}

#[tokio::test]
async fn formal_letters_copies_and_thanks_read_as_they_were_approved() {
    let catalog = catalog(&[]);
    let samples: Vec<(String, Sample)> =
        samples(&catalog).into_iter().map(|(name, sample)| (name.to_owned(), sample.at_step(4))).collect();
    let formal = samples.iter().filter(|(name, _)| ["commune", "department", "district"].contains(&name.as_str()));
    let mut drafts: Vec<(String, Draft<'_>)> = formal
        .map(|(name, sample)| {
            let draft = Draft { notice: Notice::Reminder(Tone::Formal), ..sample.draft(&catalog) };
            (format!("{name}_formal"), draft)
        })
        .collect();
    let several = samples.iter().find(|(name, _)| name == "two_communes").expect("a sample");
    drafts.push(("superior_copy".to_owned(), Draft { notice: Notice::Copy, ..several.1.draft(&catalog) }));
    let met: Vec<Evaluation> = several.1.evaluations.iter().map(on_target).collect();
    let thanks = Draft { notice: Notice::Thanks, evaluations: met.iter().collect(), ..several.1.draft(&catalog) };
    drafts.push(("thanks".to_owned(), thanks));
    let renderer = renderer(&Templates::built_in(), limits()).await;
    let only: Vec<Draft<'_>> = drafts.iter().map(|(_, draft)| draft.clone()).collect();
    let composed = compose(&renderer, &catalog, &only, &figures_told()).await;
    for ((name, _), Composed { message, alarm }) in drafts.iter().zip(composed) {
        assert_eq!(alarm, None, "{name}");
        assert!(message.subject.chars().count() <= 65, "{name}: {}", message.subject);
        assert!(segments(&message.sms) <= 2, "{name}: {}", message.sms);
        insta::assert_snapshot!(name.as_str(), format!("{}\n\n{}\n{}", message.subject, message.sms, message.text));
    }
}

/// The same figure with every dossier as it should be.
fn on_target(evaluation: &Evaluation) -> Evaluation {
    let all = evaluation.rate.expect("a rate").denominator();
    Evaluation { rate: Rate::new(all, all), standing: Standing::Met, ..evaluation.clone() }
}
