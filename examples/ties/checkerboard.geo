// Four squares of a checkerboard, each in n x n rectangles that are narrow at its corners. The lines of opposite sides are cut alike.
n = Round(0.5/Mesh.MeshSizeMax);
For j In {0 : 2}
  For i In {0 : 2}
    Point(1 + i + 3*j) = {0.5*i, 0.5*j, 0};
  EndFor
EndFor
For j In {0 : 2}
  For i In {0 : 1}
    Line(1 + i + 2*j) = {1 + i + 3*j, 2 + i + 3*j};   // along x: 1 to 6
    Line(7 + j + 3*i) = {1 + j + 3*i, 4 + j + 3*i};   // along y: 7 to 12
  EndFor
EndFor
For j In {0 : 1}
  For i In {0 : 1}
    s = 1 + i + 2*j;
    Curve Loop(s) = {1 + i + 2*j, 8 + i + 3*j, -(3 + i + 2*j), -(7 + i + 3*j)};
    Plane Surface(s) = {s};
  EndFor
EndFor
Transfinite Curve{1 : 12} = n + 1 Using Bump 0.02;
Transfinite Surface{1 : 4};
Recombine Surface{1 : 4};
Physical Surface("dark") = {1, 4};
Physical Surface("light") = {2, 3};
Physical Curve("left") = {7, 10};
Physical Curve("right") = {9, 12};
Physical Curve("bottom") = {1, 2};
Physical Curve("top") = {5, 6};
