"""The return label drawn by reportlab: labels a second, one PDF each."""

import io
import itertools
import sys
import time

import qrcode
from reportlab.graphics.barcode.code128 import Code128
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

WIDTH, HEIGHT, MARGIN = 288, 432, 12
DOT = 72 / 203


def words(canvas, x, y, size, text, font="Noto"):
    canvas.setFont(font, size)
    canvas.drawString(x, HEIGHT - y, text)


def label(number):
    rma = f"R{21000000 + number:010d}"
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(WIDTH, HEIGHT))
    canvas.setTitle(f"RMA label {rma}")
    canvas.rect(MARGIN, HEIGHT - 30, WIDTH - 2 * MARGIN, 21, stroke=0, fill=1)
    canvas.setFillGray(1)
    words(canvas, MARGIN + 6, 24, 12.5, "RMA RETURN", "NotoBold")
    canvas.setFont("Noto", 8)
    canvas.drawRightString(WIDTH - MARGIN - 6, HEIGHT - 23, "Not a carrier's airbill")
    canvas.setFillGray(0)
    words(canvas, MARGIN, 41, 7.5, "RETURN TO", "NotoBold")
    address = [
        ("Contract Works Monterrey S.A. de C.V.", "NotoBold"),
        ("Attn: Receiving", "Noto"),
        ("Avenida Constitución 2050, Dock 7", "Noto"),
        ("64000 Monterrey, N.L.", "Noto"),
        ("México", "NotoBold"),
    ]
    for row, (line, font) in enumerate(address):
        words(canvas, MARGIN, 58 + row * 17, 13, line, font)
    canvas.rect(MARGIN, HEIGHT - 155.5, WIDTH - 2 * MARGIN, 1.5, stroke=0, fill=1)
    words(canvas, MARGIN, 165, 7.5, "RMA NUMBER", "NotoBold")
    canvas.setFont("NotoBold", 38)
    canvas.drawCentredString(WIDTH / 2, HEIGHT - 200, rma)
    bars = Code128(rma, barWidth=5 * DOT, barHeight=40 * 0.355 * 2, quiet=0)
    bars.drawOn(canvas, (WIDTH - bars.width) / 2, HEIGHT - 249)
    canvas.rect(MARGIN, HEIGHT - 256.75, WIDTH - 2 * MARGIN, 0.75, stroke=0, fill=1)
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=0)
    code.add_data(f"https://homeward.example/rmas/{rma}")
    code.make(fit=True)
    matrix = code.get_matrix()
    module = 3 * 2 * DOT
    for row, line in enumerate(matrix):
        column = 0
        for dark, run in itertools.groupby(line):
            length = len(list(run))
            if dark:
                canvas.rect(
                    190 + column * module, HEIGHT - 262 - (row + 1) * module,
                    length * module, module, stroke=0, fill=1,
                )
            column += length
    canvas.linkURL(f"https://homeward.example/rmas/{rma}", (190, 88, 276, 174))
    canvas.setFont("Noto", 6.5)
    canvas.drawCentredString(233, HEIGHT - 349, "Scan for the status")
    facts = [
        ("CASE", "2026-1112-000042"),
        ("PART", "MX-480-B"),
        ("SERIAL", "SN-2026-00417"),
        ("RETURN BY", "1 December 2026"),
    ]
    for row, (caption, value) in enumerate(facts):
        y = 271 + row * 22.5
        words(canvas, MARGIN, y, 6, caption)
        words(canvas, MARGIN + 44, y, 12.5, value, "NotoBold")
    words(canvas, MARGIN, 367, 6, "SERIAL")
    bars = Code128("SN-2026-00417", barWidth=3 * DOT, barHeight=22, quiet=0)
    bars.drawOn(canvas, MARGIN + 44, HEIGHT - 376)
    canvas.rect(MARGIN, HEIGHT - 380.75, WIDTH - 2 * MARGIN, 0.75, stroke=0, fill=1)
    words(canvas, MARGIN, 389.5, 6, "FROM")
    words(
        canvas, MARGIN + 24, 391, 8.5,
        "Bäckerei Müller & Söhne GmbH, Königstraße 5, 70173 Stuttgart, Germany",
    )
    canvas.setFont("NotoBold", 7)
    canvas.drawCentredString(
        WIDTH / 2, HEIGHT - 423,
        "RMA label: put it on the outside of the box. Not a carrier's airbill.",
    )
    canvas.save()
    return out.getvalue()


def main():
    pdfmetrics.registerFont(TTFont("Noto", sys.argv[1]))
    pdfmetrics.registerFont(TTFont("NotoBold", sys.argv[2]))
    label(0)
    began = time.perf_counter()
    count = 0
    while time.perf_counter() - began < float(sys.argv[3]):
        count += 1
        label(count)
    print(count / (time.perf_counter() - began))


main()
