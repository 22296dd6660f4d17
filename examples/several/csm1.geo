// The beam of Turek and Hron behind the cylinder of radius 0.05 at (0.2, 0.2), 0.02 thick, to x = 0.6; quadrilaterals with curved edges. The cylinder's arc is clamped.
n = Round(0.02/Mesh.MeshSizeMax);
c = 0.2 + Sqrt(0.05^2 - 0.01^2);
Point(1) = {c, 0.19, 0}; Point(2) = {0.6, 0.19, 0}; Point(3) = {0.6, 0.21, 0}; Point(4) = {c, 0.21, 0}; Point(5) = {0.2, 0.2, 0};
Line(1) = {1, 2}; Line(2) = {2, 3}; Line(3) = {3, 4};
Circle(4) = {4, 5, 1};
Curve Loop(1) = {1, 2, 3, 4};
Plane Surface(1) = {1};
Transfinite Curve{1, -3} = 10*n + 1 Using Progression 1.1^(2/n);
Transfinite Curve{2, 4} = n + 1;
Transfinite Surface{1};
Recombine Surface{1};
Physical Surface("beam") = {1};
Physical Curve("arc") = {4};
Mesh.ElementOrder = 2;
