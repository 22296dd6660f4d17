Include "le1.geo";
Recombine Surface {1};
Mesh.ElementOrder = 2;
