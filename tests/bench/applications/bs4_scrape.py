"""A page taken apart with Beautiful Soup."""
# install: python3-bs4
# import: bs4
# args: 40
import sys

from bs4 import BeautifulSoup

total = 0
for k in range(int(sys.argv[1])):
    page = "<html><body>" + "".join(
        f"<div class='row r{n % 4}'><h2>Title {n}</h2><a href='/{k}/{n}'>more"
        f"</a><span data-n='{n}'>{n * k} EUR</span></div>"
        for n in range(60)) + "</body></html>"
    soup = BeautifulSoup(page, "html.parser")
    for row in soup.find_all("div", class_="row"):
        total += int(row.span["data-n"]) + len(row.a["href"])
        total += int(row.find("span").get_text().split()[0])
    total += len(soup.find_all("div", {"class": "r2"})) + len(str(soup))
print(total)
