// One half of hexahedra, the other of tetrahedra, and pyramids between.
Include "ring-face.geo";
Recombine Surface {1};
near() = Extrude {0, 0, 0.5} { Surface{1}; Layers{1}; Recombine; };
far() = Extrude {0, 0, 0.5} { Surface{near(0)}; };
Mesh.MeshSizeMax = 0.5;
Physical Surface("x_axis") = {near(2), far(2)}; Physical Surface("outer") = {near(3), far(3)};
Physical Surface("y_axis") = {near(4), far(4)}; Physical Surface("inner") = {near(5), far(5)};
Physical Surface("ends") = {1, far(0)};
Physical Volume("pipe") = {near(1), far(1)};
