// Four kinds of cells in one body, metres: prisms left, hexahedra in the middle, tetrahedra right, and pyramids where these meet the hexahedra.
h = Mesh.MeshSizeMax; // the size that is asked for
n = Ceil(1/h);
For i In {0:2}
  Point(1 + i) = {i, 0, 0};
  Point(11 + i) = {i, 1, 0};
  Line(11 + i) = {1 + i, 11 + i};
EndFor
For i In {1:2}
  Line(i) = {i, i + 1};
  Line(20 + i) = {10 + i, 11 + i};
  Curve Loop(i) = {i, 11 + i, -(20 + i), -(10 + i)};
  Plane Surface(i) = {i};
EndFor
Transfinite Curve {1:2, 21:22, 11:13} = n + 1;
Transfinite Surface {2};
Recombine Surface {2};
left() = Extrude {0, 0, 1} { Surface{1}; Layers{n}; Recombine; };
middle() = Extrude {0, 0, 1} { Surface{2}; Layers{n}; Recombine; };
// from the face at x = 2 to a point
e = 1e-6;
upper() = {Point In BoundingBox {2 - e, 1 - e, 1 - e, 2 + e, 1 + e, 1 + e}, Point In BoundingBox {2 - e, -e, 1 - e, 2 + e, e, 1 + e}};
corner() = {3, 13, upper(0), upper(1)}; // around the face
edge() = {13, Curve In BoundingBox {2 - e, 1 - e, -e, 2 + e, 1 + e, 1 + e}, Curve In BoundingBox {2 - e, -e, 1 - e, 2 + e, 1 + e, 1 + e},
          Curve In BoundingBox {2 - e, -e, -e, 2 + e, e, 1 + e}};
Point(1000) = {3.5, 0.5, 0.5};
For i In {0:3}
  Line(1001 + i) = {corner(i), 1000};
EndFor
Curve Loop(1001) = {edge(0), 1002, -1001};
Curve Loop(1002) = {edge(1), 1003, -1002};
Curve Loop(1003) = {-edge(2), 1004, -1003};
Curve Loop(1004) = {-edge(3), 1001, -1004};
For i In {1:4}
  Plane Surface(1000 + i) = {1000 + i};
EndFor
Surface Loop(1000) = {middle(3), 1001:1004};
Volume(1000) = {1000};
Physical Volume("body") = {left(1), middle(1), 1000};
Physical Surface("hot") = {left(5)}; // x = 0
Physical Surface("cold") = {1001:1004};
