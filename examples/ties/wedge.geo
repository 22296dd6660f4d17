// A slice of 30 degrees of a ring of radii 1 and 2, in triangles with curved edges; one of its straight sides lies aslant.
n = Round(1/Mesh.MeshSizeMax);
c = Cos(Pi/6); s = Sin(Pi/6);
Point(1) = {0, 0, 0};
Point(2) = {1, 0, 0}; Point(3) = {2, 0, 0}; Point(4) = {2*c, 2*s, 0}; Point(5) = {c, s, 0};
Line(1) = {2, 3}; Circle(2) = {3, 1, 4}; Line(3) = {4, 5}; Circle(4) = {5, 1, 2};
Curve Loop(1) = {1, 2, 3, 4};
Plane Surface(1) = {1};
Transfinite Curve{1 : 4} = n + 1;
Transfinite Surface{1};
Physical Surface("ring") = {1};
Physical Curve("straight") = {1}; Physical Curve("outer") = {2}; Physical Curve("slanted") = {3}; Physical Curve("inner") = {4};
Mesh.ElementOrder = 2;
