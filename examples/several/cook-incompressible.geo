// Cook's membrane in n x n quadrilaterals, narrow at the clamped side, whose upper corner has an infinite stress.
n = Round(16/Mesh.MeshSizeMax);
Point(1) = {0, 0, 0}; Point(2) = {48, 44, 0}; Point(3) = {48, 60, 0}; Point(4) = {0, 44, 0};
Line(1) = {1, 2}; Line(2) = {2, 3}; Line(3) = {3, 4}; Line(4) = {4, 1};
Curve Loop(1) = {1, 2, 3, 4};
Plane Surface(1) = {1};
Transfinite Curve{1, -3} = n + 1 Using Progression 1.2^(16/n);
Transfinite Curve{2, -4} = n + 1 Using Progression 1.2^(-16/n);
Transfinite Surface{1};
Recombine Surface{1};
Physical Surface("plate") = {1};
Physical Curve("clamped") = {4};
Physical Curve("loaded") = {2};
