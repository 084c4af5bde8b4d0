pub struct Project;
