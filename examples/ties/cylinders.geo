// A cell of a square array of cylinders, of side 1, with the radius sqrt(fraction/pi): quadrilaterals with curved edges in rings around the cylinder.
If (!Exists(fraction)) fraction = 0.2; EndIf
n = Round(1/Mesh.MeshSizeMax);
d = Sqrt(fraction/Pi/2);
Point(1) = {-0.5, -0.5, 0}; Point(2) = {0.5, -0.5, 0}; Point(3) = {0.5, 0.5, 0}; Point(4) = {-0.5, 0.5, 0};
Point(5) = {-d, -d, 0}; Point(6) = {d, -d, 0}; Point(7) = {d, d, 0}; Point(8) = {-d, d, 0}; Point(9) = {0, 0, 0};
Line(1) = {1, 2}; Line(2) = {2, 3}; Line(3) = {3, 4}; Line(4) = {4, 1};
Circle(5) = {5, 9, 6}; Circle(6) = {6, 9, 7}; Circle(7) = {7, 9, 8}; Circle(8) = {8, 9, 5};
Line(9) = {5, 1}; Line(10) = {6, 2}; Line(11) = {7, 3}; Line(12) = {8, 4};
Curve Loop(1) = {5, 10, -1, -9}; Curve Loop(2) = {6, 11, -2, -10}; Curve Loop(3) = {7, 12, -3, -11}; Curve Loop(4) = {8, 9, -4, -12};
For i In {1 : 4}
  Plane Surface(i) = {i};
EndFor
Transfinite Curve{1 : 12} = n + 1;
Transfinite Surface{1 : 4};
Recombine Surface{1 : 4};
Physical Surface("fluid") = {1 : 4};
Physical Curve("bottom") = {1}; Physical Curve("right") = {2}; Physical Curve("top") = {3}; Physical Curve("left") = {4};
Physical Curve("cylinder") = {5, 6, 7, 8};
Mesh.ElementOrder = 2;
