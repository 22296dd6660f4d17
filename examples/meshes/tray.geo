// An open box of thin sheet, millimetres: 200 by 120 by 60, sheet of 2. Hexahedra, one through the sheet.
h = Mesh.MeshSizeMax; // the size that is asked for
t = 2; height = 60;
x() = {0, t, 200 - t, 200};
y() = {0, t, 120 - t, 120};
// nine rectangles: the bottom within, the strips below the walls around it
For j In {0:3}
  For i In {0:3}
    Point(1 + i + 4*j) = {x(i), y(j), 0};
  EndFor
EndFor
For j In {0:3}
  For i In {0:2}
    Line(1 + i + 3*j) = {1 + i + 4*j, 2 + i + 4*j};
    Line(21 + j + 4*i) = {1 + j + 4*i, 5 + j + 4*i};
    Transfinite Curve {1 + i + 3*j} = i == 1 ? Ceil(200/h) + 1 : 2;
    Transfinite Curve {21 + j + 4*i} = i == 1 ? Ceil(120/h) + 1 : 2;
  EndFor
EndFor
For j In {0:2}
  For i In {0:2}
    s = 1 + i + 3*j;
    Curve Loop(s) = {s, 22 + i + 4*j, -(s + 3), -(21 + i + 4*j)};
    Plane Surface(s) = {s};
  EndFor
EndFor
Transfinite Surface {1:9};
Recombine Surface {1:9};
walls() = {};
rim() = {};
For s In {1:9}
  sheet() = Extrude {0, 0, t} { Surface{s}; Layers{1}; Recombine; };
  solids(s - 1) = sheet(1);
  If (s != 5)
    wall() = Extrude {0, 0, height - t} { Surface{sheet(0)}; Layers{Ceil(height/h)}; Recombine; };
    walls() += wall(1);
    rim() += wall(0);
  Else
    floor() = {sheet(0)};
  EndIf
EndFor
Physical Volume("tray") = {solids(), walls()};
Physical Surface("underside") = {1:9};
Physical Surface("floor") = {floor()};
Physical Surface("rim") = {rim()};
