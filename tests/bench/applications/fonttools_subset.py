"""A font cut down to some of its characters."""
# install: python3-fonttools fonts-dejavu-core
# import: fontTools.subset
# args: /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf
import io
import sys

from fontTools import subset
from fontTools.ttLib import TTFont

for first, last in (32, 126), (0x370, 0x3ff):
    font = TTFont(sys.argv[1], recalcTimestamp=False)
    options = subset.Options(layout_features=["*"], notdef_outline=True)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=range(first, last + 1))
    subsetter.subset(font)
    out = io.BytesIO()
    font.save(out)
    print(len(out.getvalue()), len(font.getGlyphOrder()))
