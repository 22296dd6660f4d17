// An L-bracket of two plates, with a fillet in the inner corner and two bolt holes. Numbers are in millimetres.
// Running it writes bracket.step beside it; the second line takes out the one thing that differs from run to run:
//   galerkit-mesh --list make_bracket.geo --unit mm
//   sed -i "s/'[0-9-]*T[0-9:]*'/'2000-01-01T00:00:00'/" bracket.step
SetFactory("OpenCASCADE");
length = 80; width = 60; height = 60; thickness = 8; // base length x width, upright height x width
radius = 8;                                          // of the fillet
hole = 11; hole_x = 54; hole_y = 15;                 // diameter; distance from the upright's outer face and from the sides

Box(1) = {0, 0, 0, length, width, thickness};
Box(2) = {0, 0, 0, thickness, width, height};
BooleanUnion(3) = { Volume{1}; Delete; }{ Volume{2}; Delete; };

e = 1e-3;
corner() = Curve In BoundingBox {thickness - e, -e, thickness - e, thickness + e, width + e, thickness + e};
solid() = Fillet{3}{corner(0)}{radius};

Cylinder(10) = {hole_x, hole_y, -1, 0, 0, thickness + 2, hole / 2};
Cylinder(11) = {hole_x, width - hole_y, -1, 0, 0, thickness + 2, hole / 2};
BooleanDifference(20) = { Volume{solid()}; Delete; }{ Volume{10, 11}; Delete; };
Save "bracket.step";
