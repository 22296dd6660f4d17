// A profile (NACA 0012) in a channel, chord 1: layers of quadrilaterals on the profile, triangles around them.
h = Mesh.MeshSizeMax; // far from the profile; a twentieth of it on the profile
points = 40; // of half a profile
For i In {0:2*points - 1}
  t = i <= points ? Pi*i/points : Pi*(2*points - i)/points;
  px = 0.5*(1 + Cos(t));
  py = 0.6*(0.2969*Sqrt(px) - 0.126*px - 0.3516*px^2 + 0.2843*px^3 - 0.1036*px^4); // closed at the trailing edge
  If (i > points)
    py = -py;
  EndIf
  turn = -0.07; // four degrees
  Point(i + 1) = {px*Cos(turn) - py*Sin(turn), px*Sin(turn) + py*Cos(turn), 0, h/20};
EndFor
Spline(1) = {1:points + 1};
Spline(2) = {points + 1:2*points, 1};
Point(1001) = {-2, -2, 0, h};
Point(1002) = {4, -2, 0, h};
Point(1003) = {4, 2, 0, h};
Point(1004) = {-2, 2, 0, h};
Line(11) = {1001, 1002};
Line(12) = {1002, 1003};
Line(13) = {1003, 1004};
Line(14) = {1004, 1001};
Curve Loop(1) = {11:14};
Curve Loop(2) = {1, 2};
Plane Surface(1) = {1, 2};
Physical Surface("air") = {1};
Physical Curve("far") = {11:14};
Physical Curve("profile") = {1, 2};
Field[1] = BoundaryLayer;
Field[1].EdgesList = {1, 2};
Field[1].FanNodesList = {1};
Field[1].hwall_n = h/200;
Field[1].hfar = h;
Field[1].ratio = 1.3;
Field[1].thickness = h/8;
Field[1].Quads = 1;
BoundaryLayer Field = 1;
