"""Counting letters and words, character by character."""

N = 200000


def run(n):
    text = "the quick brown fox jumps over the lazy dog " * (n // 40)
    vowels = 0
    words = 0
    prev = " "
    for ch in text:
        if ch in "aeiou":
            vowels += 1
        if ch != " " and prev == " ":
            words += 1
        prev = ch
    return vowels, words


if __name__ == "__main__":
    print(run(N))
