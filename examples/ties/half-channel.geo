// Half of a channel of width 2, 3 long, turned by 30 degrees: the wall above, the middle plane below.
c = Cos(Pi/6); s = Sin(Pi/6);
Point(1) = {0, 0, 0}; Point(2) = {3*c, 3*s, 0}; Point(3) = {3*c - s, 3*s + c, 0}; Point(4) = {-s, c, 0};
Line(1) = {1, 2}; Line(2) = {2, 3}; Line(3) = {3, 4}; Line(4) = {4, 1};
Curve Loop(1) = {1, 2, 3, 4};
Plane Surface(1) = {1};
Physical Surface("fluid") = {1};
Physical Curve("middle") = {1}; Physical Curve("outflow") = {2}; Physical Curve("wall") = {3}; Physical Curve("inflow") = {4};
