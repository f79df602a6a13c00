"""Packets built, written as bytes and taken apart again."""
# install: python3-scapy
# import: scapy.layers.inet
# args: 400
import sys

from scapy.layers.dns import DNS, DNSQR
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

total = 0
for k in range(int(sys.argv[1])):
    packet = Ether(src="00:00:00:00:00:01", dst="00:00:00:00:00:02") / IP(
        src=f"10.0.0.{k % 250}", dst="10.1.1.1", id=k)
    if k % 3 == 0:
        packet = packet / UDP(sport=5000 + k, dport=53) / DNS(
            id=k, qd=DNSQR(qname=f"host{k}.example.org"))
    else:
        packet = packet / TCP(sport=k, dport=80, seq=k * 7) / Raw(b"GET /" * 3)
    again = Ether(bytes(packet))
    total += again[IP].chksum + len(again.summary())
print(total)
