// The same of hexahedra.
Include "ring-face.geo";
Recombine Surface {1};
out() = Extrude {0, 0, 1} { Surface{1}; Layers{1}; Recombine; };
Physical Surface("x_axis") = {out(2)}; Physical Surface("outer") = {out(3)}; Physical Surface("y_axis") = {out(4)}; Physical Surface("inner") = {out(5)};
Physical Surface("ends") = {1, out(0)};
Physical Volume("pipe") = {out(1)};
