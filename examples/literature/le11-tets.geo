tets = 1;
Include "le11.geo";
