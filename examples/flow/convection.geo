// The unit square in n x n rectangles, narrow at the walls, with its midlines by name. n is 1 over the size that is asked for.
n = 2*Round(0.5/Mesh.MeshSizeMax);
Point(1) = {0, 0, 0}; Point(2) = {0.5, 0, 0}; Point(3) = {1, 0, 0};
Point(4) = {0, 0.5, 0}; Point(5) = {0.5, 0.5, 0}; Point(6) = {1, 0.5, 0};
Point(7) = {0, 1, 0}; Point(8) = {0.5, 1, 0}; Point(9) = {1, 1, 0};
For r In {0 : 2} // along x: 1 to 6
  Line(2*r + 1) = {3*r + 1, 3*r + 2}; Line(2*r + 2) = {3*r + 3, 3*r + 2};
EndFor
For c In {0 : 2} // along y: 7 to 12
  Line(2*c + 7) = {c + 1, c + 4}; Line(2*c + 8) = {c + 7, c + 4};
EndFor
Transfinite Curve{1 : 12} = n/2 + 1 Using Progression 1.15^(20/n);
Curve Loop(1) = {1, 9, -3, -7}; Curve Loop(2) = {-2, 11, 4, -9}; Curve Loop(3) = {3, -10, -5, 8}; Curve Loop(4) = {-4, -12, 6, 10};
For i In {1 : 4}
  Plane Surface(i) = {i};
EndFor
Transfinite Surface{1 : 4};
Recombine Surface{1 : 4};
Physical Surface("fluid") = {1 : 4};
Physical Curve("hot") = {7, 8};
Physical Curve("cold") = {11, 12};
Physical Curve("upright") = {9, 10};
Physical Curve("level") = {3, 4};
