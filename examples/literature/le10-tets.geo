tets = 1;
Include "le10.geo";
