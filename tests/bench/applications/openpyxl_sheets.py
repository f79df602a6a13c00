"""A workbook with styles and formulas, written and read again."""
# install: python3-openpyxl
# import: openpyxl
# args: 900
import io
import sys

import openpyxl
from openpyxl.styles import Font, PatternFill

rows = int(sys.argv[1])
book = openpyxl.Workbook()
sheet = book.active
for row in range(1, rows + 1):
    sheet.append([row, f"name {row}", row * 1.25, row % 3 == 0,
                  f"=A{row}*C{row}"])
    if row % 10 == 0:
        sheet.cell(row, 2).font = Font(bold=True)
        sheet.cell(row, 3).fill = PatternFill("solid", fgColor="DDDDDD")
file = io.BytesIO()
book.save(file)
file.seek(0)
again = openpyxl.load_workbook(file)
total = sum(cell.value for row in again.active.iter_rows(max_col=3)
            for cell in row if isinstance(cell.value, (int, float)))
print(total, again.active.dimensions)
