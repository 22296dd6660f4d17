// A unit cube without 60 spheres of radius 0.06 to 0.1 that do not touch each other or the faces. Their places come from a congruential generator (Park and Miller 1988).
SetFactory("OpenCASCADE");
Box(1) = {0, 0, 0, 1, 1, 1};
wanted = 60;
seed = 1;
count = 0;
For try In {1:20000}
  If (count < wanted)
    For k In {0:3}
      seed = 16807*seed - 2147483647*Floor(16807*seed/2147483647);
      number(k) = seed/2147483647;
    EndFor
    r = 0.06 + 0.04*number(3);
    gap = 0.015;
    free = 1;
    For k In {0:2}
      center(k) = r + gap + (1 - 2*r - 2*gap)*number(k);
    EndFor
    For i In {0:count - 1}
      d = Sqrt((cx(i) - center(0))^2 + (cy(i) - center(1))^2 + (cz(i) - center(2))^2);
      If (d < cr(i) + r + gap)
        free = 0;
      EndIf
    EndFor
    If (free)
      cx(count) = center(0);
      cy(count) = center(1);
      cz(count) = center(2);
      cr(count) = r;
      Sphere(100 + count) = {center(0), center(1), center(2), r};
      count += 1;
    EndIf
  EndIf
EndFor
If (count < wanted)
  Error("only %g spheres found a place", count);
EndIf
block() = BooleanDifference { Volume{1}; Delete; }{ Volume{100:99 + wanted}; Delete; };
e = 1e-6;
Physical Volume("block") = {block()};
Physical Surface("inlet") = Surface In BoundingBox {-e, -e, -e, e, 1 + e, 1 + e};
Physical Surface("outlet") = Surface In BoundingBox {1 - e, -e, -e, 1 + e, 1 + e, 1 + e};
