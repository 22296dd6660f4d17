// A quarter of a ring between the radii 1 and 2, quadrilaterals of order 2.
Point(1) = {0, 0, 0};
Point(2) = {1, 0, 0}; Point(3) = {2, 0, 0}; Point(4) = {0, 2, 0}; Point(5) = {0, 1, 0};
Line(1) = {2, 3}; Circle(2) = {3, 1, 4}; Line(3) = {4, 5}; Circle(4) = {5, 1, 2};
Curve Loop(1) = {1, 2, 3, 4};
Plane Surface(1) = {1};
Transfinite Curve {1, 3} = 9;
Transfinite Curve {2, 4} = 13;
Transfinite Surface {1};
Recombine Surface {1};
Mesh.ElementOrder = 2;
Physical Curve("x_axis") = {1}; Physical Curve("outer") = {2}; Physical Curve("y_axis") = {3}; Physical Curve("inner") = {4};
Physical Surface("ring") = {1};
