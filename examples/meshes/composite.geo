// A square of matrix with nine fibres, micrometres, cut so that both materials share their interface; quadrilaterals.
SetFactory("OpenCASCADE");
Rectangle(1) = {0, 0, 0, 30, 30};
For i In {0:2}
  For j In {0:2}
    Disk(10 + i + 3*j) = {5 + 10*i + Cos(7*i + 3*j), 5 + 10*j + Sin(5*i + 2*j), 0, 2.5 + 0.5*Sin(i + 4*j)};
  EndFor
EndFor
BooleanFragments { Surface{1}; Delete; }{ Surface{10:18}; Delete; }
all() = Surface In BoundingBox {-1, -1, -1, 31, 31, 1};
fibres() = Surface In BoundingBox {0.1, 0.1, -1, 29.9, 29.9, 1};
matrix() = all();
matrix() -= fibres();
e = 1e-4;
Physical Surface("fibre") = {fibres()};
Physical Surface("matrix") = {matrix()};
Physical Curve("left") = Curve In BoundingBox {-e, -e, -e, e, 31, e};
Physical Curve("right") = Curve In BoundingBox {30 - e, -e, -e, 30 + e, 31, e};
Mesh.RecombineAll = 1;
