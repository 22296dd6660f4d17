// NAFEMS LE1: a quarter of an elliptic plate with an elliptic hole, metres.
SetFactory("OpenCASCADE");
Ellipse(101) = {0, 0, 0, 3.25, 2.75, 0, Pi/2};
Ellipse(102) = {0, 0, 0, 2.0, 1.0, 0, Pi/2};
// the arcs' end points: outer (3.25, 0) and (0, 2.75), inner (2, 0) = D and (0, 1)
outer() = Boundary{ Curve{101}; };
inner() = Boundary{ Curve{102}; };
Line(103) = {inner(0), outer(0)};
Line(104) = {outer(1), inner(1)};
Curve Loop(1) = {103, 101, 104, -102};
Plane Surface(1) = {1};
Physical Surface("plate") = {1};
Physical Curve("outer") = {101};
Physical Curve("x_axis") = {103};
Physical Curve("y_axis") = {104};
