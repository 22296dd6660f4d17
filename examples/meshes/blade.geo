// A twisted blade, metres: a loft through four sections, each a symmetric profile (NACA 00xx) that grows thinner and turns towards the tip. Curved tetrahedra.
SetFactory("OpenCASCADE");
sections = 4; height = 0.2; points = 12; // points of half a profile
For j In {0:sections - 1}
  s = j/(sections - 1);
  chord = 0.08 - 0.03*s;
  thick = 0.18 - 0.06*s;
  turn = 0.2 + 0.7*s;
  z = height*s;
  first = newp;
  n = 0;
  For side In {0:1} // over the upper side to the nose, back over the lower one
    For i In {0:points - 1}
      t = side == 0 ? Pi*i/points : Pi*(points - i)/points;
      x = 0.5*(1 + Cos(t));
      y = 5*thick*(0.2969*Sqrt(x) - 0.126*x - 0.3516*x^2 + 0.2843*x^3 - 0.1015*x^4) + 0.01*x;
      If (side == 1)
        y = -y;
      EndIf
      px = chord*(x - 0.4);
      py = chord*y;
      Point(first + n) = {px*Cos(turn) - py*Sin(turn), px*Sin(turn) + py*Cos(turn), z};
      n += 1;
    EndFor
  EndFor
  // the first point of the lower side is the nose, and both sides end with a blunt trailing edge
  Point(first + n) = {chord*0.6*Cos(turn) + chord*0.0113*thick*5*Sin(turn), chord*0.6*Sin(turn) - chord*0.0113*thick*5*Cos(turn), z};
  c = newl;
  Spline(c) = {first:first + points};
  Spline(c + 1) = {first + points:first + n};
  Line(c + 2) = {first + n, first};
  Delete { Point{first + 1:first + points - 1, first + points + 1:first + n - 1}; } // the splines hold them now
  loop = newll;
  Curve Loop(loop) = {c, c + 1, c + 2};
  loops(j) = loop;
  curves(3*j) = c;
  curves(3*j + 1) = c + 1;
  curves(3*j + 2) = c + 2;
EndFor
ThruSections(1) = {loops()};
Recursive Delete { Curve{curves()}; } // the sections themselves: the solid has its own
e = 1e-4;
Physical Volume("blade") = {1};
Physical Surface("root") = Surface In BoundingBox {-1, -1, -e, 1, 1, e};
Mesh.ElementOrder = 2;
Mesh.HighOrderOptimize = 1;
