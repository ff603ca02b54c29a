//! The return instructions, A4 or US Letter (RMA-5, RMA-7, RCV-1, RET-1, RET-2).

use chrono::{DateTime, Utc};

use super::DocumentError;
use super::barcode::Bars;
use super::data::{InstructionsData, NonReturn, Paper, ReturnMode};
use super::flow::{Flow, GREY, MARGIN, STEP_INDENT, Style};
use super::fonts::{Fonts, Weight};
use super::glyphs::{Glyph, shape};
use super::label::{Label, NOTICE, dots, long_date};
use super::page::{BLACK, DOT};
use super::text::{Region, clean, clean_required};

/// A sheet of instructions with its texts cleaned.
pub(super) struct Instructions<'f> {
    fonts: &'f Fonts,
    label: Label<'f>,
    mode: ReturnMode,
    replacement: Option<(String, String)>,
    notice: Option<Notice>,
    what_to_send: Vec<String>,
    carriage: Option<String>,
    contact: String,
    created_at: DateTime<Utc>,
    region: Region,
}

/// The non-return notice with its texts cleaned.
struct Notice {
    due_on: Option<String>,
    due_sentence: String,
    business_days: u32,
    list_price: String,
}

impl<'f> Instructions<'f> {
    pub fn new(fonts: &'f Fonts, data: &InstructionsData) -> Result<Self, DocumentError> {
        let label = Label::new(fonts, &data.label)?;
        let mut what_to_send = Vec::new();
        for (number, item) in (1..).zip(&data.what_to_send) {
            what_to_send.push(clean_required(&format!("what to send, item {number}"), item)?);
        }
        let replacement = match &data.replacement {
            Some(unit) => Some((
                clean_required("replacement part number", &unit.part_number)?,
                clean_required("replacement serial number", &unit.serial_number)?,
            )),
            None => None,
        };
        let region = label.sender_region();
        Ok(Self {
            fonts,
            label,
            mode: data.mode,
            replacement,
            notice: data.non_return.as_ref().map(Notice::new).transpose()?,
            what_to_send,
            carriage: data.carriage.as_ref().map(|text| clean("carriage", text)).transpose()?,
            contact: clean("contact", &data.contact)?,
            created_at: data.label.created_at,
            region,
        })
    }

    /// The finished PDF.
    pub fn draw(&self, paper: Paper) -> Result<Vec<u8>, DocumentError> {
        let mut flow = Flow::new(self.fonts, paper);
        self.draw_title(&mut flow)?;
        self.draw_facts(&mut flow)?;
        if let Some(notice) = &self.notice {
            self.draw_notice(&mut flow, notice)?;
        }
        self.draw_packing(&mut flow)?;
        self.draw_marking(&mut flow)?;
        self.draw_sending(&mut flow)?;
        self.draw_contact(&mut flow)?;
        let made = long_date(self.created_at.date_naive());
        flow.foot(&format!("RMA {}, made on {made} (UTC)", self.label.rma_number))?;
        let title = format!("Return instructions for RMA {}", self.label.rma_number);
        flow.document.finish(&title, self.created_at)
    }

    fn user(&self, field: &str, text: &str, weight: Weight) -> Result<Vec<Glyph>, DocumentError> {
        shape(self.fonts, field, text, weight, self.region)
    }

    fn draw_title(&self, flow: &mut Flow<'f>) -> Result<(), DocumentError> {
        let top = flow.y;
        let number = self.user("RMA number", &self.label.rma_number, Weight::Bold)?;
        draw_bars(flow, &self.label.rma_bars, top)?;
        flow.line_ending_at(flow.right(), top + 50.0, Style::BODY.size(15.0), &number);
        flow.say("How to return your part", Style::BODY.bold().size(23.0))?;
        let summary = match self.mode {
            ReturnMode::AdvanceReplacement => "Your replacement is sent in advance.",
            ReturnMode::ReturnToFactory => "We repair or replace your part once it is here.",
        };
        flow.say(summary, Style::BODY.size(11.5).shade(GREY))?;
        flow.y = flow.y.max(top + 62.0);
        Ok(())
    }

    fn draw_facts(&self, flow: &mut Flow<'f>) -> Result<(), DocumentError> {
        const SIDE: f32 = 96.0;
        flow.space(4.0);
        let (page, top) = (flow.page(), flow.y);
        self.draw_matrix(flow, SIDE)?;
        flow.narrow_by(SIDE + 10.0);
        flow.hairline();
        for (caption, value) in &self.label.facts {
            let caption = match *caption {
                "CASE" => "Case",
                "PART" => "Part to return",
                "SERIAL" => "Serial number",
                _ => "Return by",
            };
            flow.row(caption, &value.glyphs, Style::BODY.bold())?;
        }
        if let Some((part, serial)) = &self.replacement {
            let text = format!("{part}, serial number {serial}");
            let glyphs = self.user("replacement", &text, Weight::Bold)?;
            flow.row("Replacement", &glyphs, Style::BODY.bold())?;
        }
        let link = self.user("status link", &self.label.status_link, Weight::Regular)?;
        flow.row("Follow your return", &link, Style::BODY.size(9.0))?;
        flow.narrow_by(0.0);
        if flow.page() == page {
            flow.y = flow.y.max(top + SIDE + 12.0);
        }
        Ok(())
    }

    /// The QR code of the status page, at the right margin beside the facts.
    fn draw_matrix(&self, flow: &mut Flow<'f>, side: f32) -> Result<(), DocumentError> {
        let matrix = &self.label.status_matrix;
        let Some(module) = matrix.fitting_module(dots(side)) else {
            return Err(DocumentError::TooLong { field: "status link".to_owned() });
        };
        let actual = matrix.width(module);
        let left = dots(flow.right()) - actual + 4 * module;
        let bottom = dots(flow.height() - flow.y) - actual + 4 * module;
        let drawing = matrix.draw(left, bottom, module);
        let (page, at) = (flow.page(), (flow.right() - side, flow.y));
        flow.document.dots(page, &drawing);
        flow.document.link(page, at, (side, side), &self.label.status_link);
        let caption = flow.words("Scan for the status", Weight::Regular)?;
        let style = Style::BODY.size(7.5).shade(GREY);
        let baseline = flow.y + actual as f32 * DOT - 8.0 * module as f32 * DOT + 11.0;
        flow.line_ending_at(flow.right(), baseline, style, &caption);
        Ok(())
    }

    fn draw_packing(&self, flow: &mut Flow<'f>) -> Result<(), DocumentError> {
        flow.step(1, "Pack the part")?;
        let body = Style::BODY.indent(STEP_INDENT);
        let how = match self.mode {
            ReturnMode::AdvanceReplacement => {
                "Use the box and the padding of the replacement if you can. An antistatic bag \
                 protects the electronics. Send the unit with the serial number above, and no other."
            }
            ReturnMode::ReturnToFactory => {
                "Use the original box and padding if you still have them. An antistatic bag \
                 protects the electronics. Send the unit with the serial number above, and no other."
            }
        };
        flow.say(how, body)?;
        if self.what_to_send.is_empty() {
            return Ok(());
        }
        flow.y += 3.0;
        flow.say("Put into the box:", body)?;
        for (number, item) in (1..).zip(&self.what_to_send) {
            let field = format!("what to send, item {number}");
            let glyphs = self.user(&field, item, Weight::Regular)?;
            flow.keep(30.0);
            let page = flow.page();
            let bullet = flow.words("•", Weight::Bold)?;
            let (x, baseline) = (MARGIN + STEP_INDENT + 2.0, flow.y + body.size * 1.08);
            flow.document.text(page, x, baseline, body.size, BLACK, &bullet);
            flow.paragraph(&glyphs, body.indent(STEP_INDENT + 13.0));
        }
        Ok(())
    }

    fn draw_marking(&self, flow: &mut Flow<'f>) -> Result<(), DocumentError> {
        flow.step(2, "Put the RMA label on the outside of the box")?;
        let body = Style::BODY.indent(STEP_INDENT);
        let text = format!(
            "The RMA number, {}, must be readable on the outside. Our dock does not accept a box \
             that has no RMA number and whose serial number matches no RMA: it goes back to the \
             sender at the sender's cost.",
            self.label.rma_number
        );
        flow.paragraph(&self.user("RMA number", &text, Weight::Regular)?, body);
        flow.y += 3.0;
        flow.say(NOTICE, body.bold())?;
        flow.say("The carrier needs a shipping label of its own.", body)
    }

    fn draw_sending(&self, flow: &mut Flow<'f>) -> Result<(), DocumentError> {
        flow.step(3, "Send it to this address")?;
        let style = Style::BODY.size(12.0).indent(STEP_INDENT + 12.0).bar(3.0);
        flow.y += 1.0;
        // An address broken over two pages gets copied by half.
        let rows = self.label.return_address.len() as f32;
        flow.keep((rows * style.size * 1.4).min(flow.height() / 2.0));
        for item in &self.label.return_address {
            flow.paragraph(&item.glyphs, style);
        }
        if let Some(carriage) = &self.carriage {
            flow.y += 3.0;
            let glyphs = self.user("carriage", carriage, Weight::Regular)?;
            flow.paragraph(&glyphs, Style::BODY.indent(STEP_INDENT));
        }
        Ok(())
    }

    fn draw_notice(&self, flow: &mut Flow<'f>, notice: &Notice) -> Result<(), DocumentError> {
        flow.space(14.0);
        flow.keep(96.0);
        let style = Style::BODY.indent(14.0).bar(5.0);
        let heading = match &notice.due_on {
            Some(day) => format!("Please return the part by {day}"),
            None => format!("Please return the part within {} business days", notice.business_days),
        };
        flow.say(&heading, style.bold().size(13.0))?;
        let mut text = notice.due_sentence.clone();
        if notice.due_on.is_none() {
            text.push_str(" The days are counted once your replacement is delivered.");
        }
        flow.paragraph(&self.user("due sentence", &text, Weight::Regular)?, style);
        let price = format!(
            "If we have not received the part by then, you may be charged its full list price, {}.",
            notice.list_price
        );
        flow.paragraph(&self.user("list price", &price, Weight::Bold)?, style);
        let close = "We decide case by case. If the part is on its way or you need more time, \
                     tell us before that day.";
        flow.say(close, style)
    }

    fn draw_contact(&self, flow: &mut Flow<'f>) -> Result<(), DocumentError> {
        if self.contact.is_empty() {
            return Ok(());
        }
        flow.space(14.0);
        flow.keep(34.0);
        flow.say("Questions?", Style::BODY.bold())?;
        let glyphs = self.user("contact", &self.contact, Weight::Regular)?;
        flow.paragraph(&glyphs, Style::BODY);
        Ok(())
    }
}

impl Notice {
    fn new(data: &NonReturn) -> Result<Self, DocumentError> {
        Ok(Self {
            due_on: data.due_on.map(long_date),
            due_sentence: clean_required("due sentence", &data.due_sentence)?,
            business_days: data.business_days,
            // An amount is not parted from its currency.
            list_price: clean_required("list price", &data.list_price)?.replace(' ', "\u{A0}"),
        })
    }
}

/// The RMA number's bar code in the upper right corner, its bars ending at the margin.
fn draw_bars(flow: &mut Flow<'_>, bars: &Bars, top: f32) -> Result<(), DocumentError> {
    let half = dots(flow.right() - MARGIN) / 2;
    let module = bars
        .fitting_module(&[3, 2], half)
        .ok_or_else(|| DocumentError::TooLong { field: "RMA number".to_owned() })?;
    let left = dots(flow.right()) + 10 * module - bars.width(module);
    let drawing = bars.draw(left, dots(flow.height() - top - 34.0), module, dots(34.0));
    let page = flow.page();
    flow.document.dots(page, &drawing);
    Ok(())
}
