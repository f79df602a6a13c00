"""A report with paragraphs and tables as PDF."""
# install: python3-reportlab
# import: reportlab.platypus
# args: 35
import hashlib
import io
import sys

from reportlab import rl_config

rl_config.invariant = 1

from reportlab.lib import colors  # noqa: E402
from reportlab.lib.styles import getSampleStyleSheet  # noqa: E402
from reportlab.platypus import (PageBreak, Paragraph,  # noqa: E402
                                SimpleDocTemplate, Table, TableStyle)

styles = getSampleStyleSheet()
story = []
for k in range(int(sys.argv[1])):
    story.append(Paragraph(f"Chapter {k}", styles["Heading1"]))
    for n in range(4):
        story.append(Paragraph(f"Words <i>number {n}</i> of <b>many</b> in the "
                               "report about nothing. " * 8, styles["Normal"]))
    table = Table([[f"{row * column + k}" for column in range(5)]
                   for row in range(10)])
    table.setStyle(TableStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.black)]))
    story += [table, PageBreak()]
out = io.BytesIO()
SimpleDocTemplate(out).build(story)
print(len(out.getvalue()), hashlib.sha256(out.getvalue()).hexdigest())
