"""The help text of a large command line tool."""
# install: yt-dlp
# import: yt_dlp
# args: --help
import sys

import yt_dlp

sys.argv[0] = "yt-dlp"
yt_dlp.main()
