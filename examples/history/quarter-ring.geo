// A quarter of a ring, radii 100 and 200: quadrilaterals of order 2, narrower inside.
If (!Exists(N))
  N = 12;
EndIf
Point(1) = {100, 0, 0}; Point(2) = {200, 0, 0}; Point(3) = {0, 200, 0}; Point(4) = {0, 100, 0}; Point(5) = {0, 0, 0};
Line(1) = {1, 2}; Circle(2) = {2, 5, 3}; Line(3) = {3, 4}; Circle(4) = {4, 5, 1};
Curve Loop(1) = {1, 2, 3, 4};
Plane Surface(1) = {1};
Transfinite Curve {1} = N + 1 Using Progression 1.05; Transfinite Curve {-3} = N + 1 Using Progression 1.05; Transfinite Curve {2, 4} = N/2 + 1;
Transfinite Surface {1};
Recombine Surface {1};
Physical Curve("x_axis") = {1}; Physical Curve("outer") = {2}; Physical Curve("y_axis") = {3}; Physical Curve("inner") = {4};
Physical Surface("wall") = {1};
