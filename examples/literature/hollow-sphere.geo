// An eighth of a hollow sphere, radii 1 and 2: three blocks around the diagonal. Hexahedra with curved edges.
h = Mesh.MeshSizeMax; // the size that is asked for
Point(100) = {0, 0, 0};
s = Sqrt(1/2);
c = Sqrt(1/3);
For i In {0:1} // inner, outer
  r = 1 + i;
  p = 10*i;
  Point(p + 1) = {r, 0, 0};
  Point(p + 2) = {0, r, 0};
  Point(p + 3) = {0, 0, r};
  Point(p + 4) = {r*s, r*s, 0};
  Point(p + 5) = {0, r*s, r*s};
  Point(p + 6) = {r*s, 0, r*s};
  Point(p + 7) = {r*c, r*c, r*c};
  Circle(p + 1) = {p + 1, 100, p + 4};
  Circle(p + 2) = {p + 4, 100, p + 2};
  Circle(p + 3) = {p + 2, 100, p + 5};
  Circle(p + 4) = {p + 5, 100, p + 3};
  Circle(p + 5) = {p + 3, 100, p + 6};
  Circle(p + 6) = {p + 6, 100, p + 1};
  Circle(p + 7) = {p + 4, 100, p + 7};
  Circle(p + 8) = {p + 5, 100, p + 7};
  Circle(p + 9) = {p + 6, 100, p + 7};
  Curve Loop(p + 1) = {p + 1, p + 7, -(p + 9), p + 6};
  Curve Loop(p + 2) = {p + 3, p + 8, -(p + 7), p + 2};
  Curve Loop(p + 3) = {p + 5, p + 9, -(p + 8), p + 4};
  For j In {1:3}
    Surface(p + j) = {p + j} In Sphere {100};
  EndFor
EndFor
For j In {1:7}
  Line(20 + j) = {j, 10 + j};
EndFor
// between inner and outer arcs: 1 to 6 lie in the coordinate planes, 7 to 9 between blocks
ends() = {1, 4,  4, 2,  2, 5,  5, 3,  3, 6,  6, 1,  4, 7,  5, 7,  6, 7};
For j In {1:9}
  Curve Loop(20 + j) = {j, 20 + ends(2*j - 1), -(10 + j), -(20 + ends(2*j - 2))};
  If (j <= 6)
    Plane Surface(20 + j) = {20 + j};
  Else
    Surface(20 + j) = {20 + j};
  EndIf
EndFor
Surface Loop(1) = {1, 11, 21, 27, 29, 26};
Surface Loop(2) = {2, 12, 23, 28, 27, 22};
Surface Loop(3) = {3, 13, 25, 29, 28, 24};
Volume(1) = {1};
Volume(2) = {2};
Volume(3) = {3};
Transfinite Curve {1:9, 11:19} = Ceil(0.8/h) + 1;
n = Ceil(2/h);
Transfinite Curve {21:27} = n + 1 Using Progression 3^(1/n); // finer at the inner face: the last edge is three times the first
Transfinite Surface {1:3, 11:13, 21:29};
Transfinite Volume {1:3};
Recombine Surface {1:3, 11:13, 21:29};
Physical Volume("shell") = {1:3};
Physical Surface("inside") = {1:3};
Physical Surface("z0") = {21, 22};
Physical Surface("x0") = {23, 24};
Physical Surface("y0") = {25, 26};
Mesh.ElementOrder = 2;
