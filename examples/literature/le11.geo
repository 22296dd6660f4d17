// NAFEMS LE11: a quarter of a solid of revolution about z, metres: a spherical shell, a taper, a cylinder. Hexahedra with curved edges; with `tets = 1` before it, tetrahedra,
// with `prisms = 1` prisms.
SetFactory("OpenCASCADE");
If (!Exists(tets)) tets = 0; EndIf
If (!Exists(prisms)) prisms = 0; EndIf
h = Mesh.MeshSizeMax; // the size that is asked for
a = Sqrt(0.5);
Point(1) = {0, 0, 0};
Point(2) = {1, 0, 0}; // A
Point(3) = {1.4, 0, 0}; // B
Point(4) = {1.4*Cos(Pi/6), 0, 0.7};
Point(5) = {a, 0, a};
Point(6) = {1, 0, 1.39};
Point(7) = {a, 0, 1.39};
Point(8) = {1, 0, 1.79};
Point(9) = {a, 0, 1.79};
Line(1) = {2, 3};
Circle(2) = {3, 1, 4};
Line(3) = {5, 4};
Circle(4) = {2, 1, 5};
Delete { Point{1}; } // a centre, no part of the body
Line(5) = {4, 6};
Line(6) = {7, 6};
Line(7) = {5, 7};
Line(8) = {6, 8};
Line(9) = {9, 8};
Line(10) = {7, 9};
Curve Loop(1) = {1, 2, -3, -4};
Curve Loop(2) = {3, 5, -6, -7};
Curve Loop(3) = {6, 8, -9, -10};
Plane Surface(1) = {1};
Plane Surface(2) = {2};
Plane Surface(3) = {3};
Transfinite Curve {2, 4} = Ceil((prisms ? 1.2 : 0.8)/h) + 1;
Transfinite Curve {5, 7} = Ceil(0.6/h) + 1;
Transfinite Curve {8, 10} = Ceil(0.4/h) + 1;
Transfinite Curve {1, 3, 6, 9} = Ceil(0.4/h) + 1 Using Progression 1.5^h; // a little finer at the inner face
Transfinite Surface {1:3};
If (tets)
  body() = Extrude {{0, 0, 1}, {0, 0, 0}, Pi/2} { Surface{1:3}; Layers{Ceil(1.6/h)}; };
Else
  If (!prisms)
    Recombine Surface {1:3};
  EndIf
  body() = Extrude {{0, 0, 1}, {0, 0, 0}, Pi/2} { Surface{1:3}; Layers{Ceil(1.6/h)}; Recombine; };
EndIf
e = 1e-6;
Physical Volume("body") = {1:3};
Physical Surface("y0") = {1:3}; // the plane y = 0
Physical Surface("x0") = Surface In BoundingBox {-e, -e, -e, e, 2, 2};
Physical Surface("ends") = {Surface In BoundingBox {-e, -e, -e, 2, 2, e}, Surface In BoundingBox {-e, -e, 1.79 - e, 2, 2, 1.79 + e}};
Mesh.ElementOrder = 2;
