// The channel of benchmarks 2D-2 and 2D-3, 2.2 x 0.41, with a cylinder of radius 0.05 at (0.2, 0.2): quadrilaterals with curved edges in rings that grow from the cylinder to a square, and in
// columns behind it. m quadrilaterals along a quarter of the cylinder, an even number, so that its foremost and last point are nodes.
m = 2*Round(0.2/Mesh.MeshSizeMax);
d = 0.05/Sqrt(2);
Point(1) = {0, 0, 0}; Point(2) = {0.41, 0, 0}; Point(3) = {0.41, 0.41, 0}; Point(4) = {0, 0.41, 0}; Point(5) = {2.2, 0, 0}; Point(6) = {2.2, 0.41, 0};
Point(7) = {0.2 - d, 0.2 - d, 0}; Point(8) = {0.2 + d, 0.2 - d, 0}; Point(9) = {0.2 + d, 0.2 + d, 0}; Point(10) = {0.2 - d, 0.2 + d, 0}; Point(11) = {0.2, 0.2, 0};
Line(1) = {1, 2}; Line(2) = {2, 3}; Line(3) = {3, 4}; Line(4) = {4, 1}; // the square
Line(5) = {2, 5}; Line(6) = {5, 6}; Line(7) = {6, 3};
Circle(8) = {7, 11, 8}; Circle(9) = {8, 11, 9}; Circle(10) = {9, 11, 10}; Circle(11) = {10, 11, 7};
Line(12) = {7, 1}; Line(13) = {8, 2}; Line(14) = {9, 3}; Line(15) = {10, 4};
Curve Loop(1) = {8, 13, -1, -12}; Curve Loop(2) = {9, 14, -2, -13}; Curve Loop(3) = {10, 15, -3, -14}; Curve Loop(4) = {11, 12, -4, -15}; Curve Loop(5) = {5, 6, 7, -2};
For i In {1 : 5}
  Plane Surface(i) = {i};
EndFor
Transfinite Curve{1, 2, 3, 4, 6, 8, 9, 10, 11} = m + 1;
Transfinite Curve{12, 13, 14, 15} = m + 1 Using Progression 1.6^(8/m);
Transfinite Curve{5, -7} = Round(2.5*m) + 1 Using Progression 1.06^(8/m);
Transfinite Surface{1, 2, 3, 4, 5};
Recombine Surface{1, 2, 3, 4, 5};
Physical Surface("fluid") = {1, 2, 3, 4, 5};
Physical Curve("inflow") = {4};
Physical Curve("outflow") = {6};
Physical Curve("walls") = {1, 3, 5, 7};
Physical Curve("cylinder") = {8, 9, 10, 11};
Mesh.ElementOrder = 2;
