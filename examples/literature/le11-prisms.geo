prisms = 1;
Include "le11.geo";
