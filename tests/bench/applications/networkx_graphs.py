"""Paths, components and flows of random graphs."""
# install: python3-networkx
# import: networkx
# args: 450
import random
import sys

import networkx as nx

n = int(sys.argv[1])
dice = random.Random(5)
graph = nx.Graph()
for k in range(n * 4):
    graph.add_edge(dice.randrange(n), dice.randrange(n), weight=dice.randint(1, 9),
                   capacity=dice.randint(1, 20))
print(nx.number_connected_components(graph))
print(sum(nx.single_source_dijkstra_path_length(graph, 0).values()))
print(sum(len(p) for p in nx.single_source_shortest_path(graph, 1).values()))
print(sum(d["weight"] for _, _, d in nx.minimum_spanning_edges(graph)))
print(nx.maximum_flow_value(graph.to_directed(), 0, n - 1))
print(len(nx.greedy_color(graph)), sum(nx.triangles(graph).values()))
print(round(max(nx.betweenness_centrality(graph, k=15, seed=2).values()), 9))
