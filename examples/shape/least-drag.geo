// A quarter of the meridian plane around a ball: x along the axis, y the distance to it.
If (!Exists(R)) R = 8; EndIf
If (!Exists(nb)) nb = 24; EndIf
If (!Exists(nr)) nr = 24; EndIf
Point(1) = {0, 0, 0}; Point(2) = {1, 0, 0}; Point(3) = {R, 0, 0}; Point(4) = {0, 1, 0}; Point(5) = {0, R, 0};
Line(1) = {2, 3}; Circle(2) = {3, 1, 5}; Line(3) = {4, 5}; Circle(4) = {2, 1, 4};
Curve Loop(1) = {1, 2, -3, -4}; Plane Surface(1) = {1};
Transfinite Curve{2, 4} = nb + 1;
Transfinite Curve{1, 3} = nr + 1 Using Progression 1 + 2.4/nr;
Transfinite Surface{1};
Physical Surface("fluid") = {1};
Physical Curve("body") = {4}; Physical Curve("axis") = {1}; Physical Curve("far") = {2}; Physical Curve("middle") = {3};
